#!/bin/sh
# The scaled-down replication: the models of Table 1 and the family of γ on one data set, with one preset, seed and
# schedule; then table, figures and report. What is finished is kept: the same command goes on after an interruption.
#
#   docs/results/replicate.sh fashion-mnist runs/fashion-mnist
#
# TRAINER   the program                              [target/debug/trainer]
# SETTINGS  what all runs have in common             [--preset compact28 --epochs 6 --seed 1]
# EVALUATING   how all are evaluated                       [--bootstrap 1000]
# OOD       out-of-distribution sets                 [noise builtin-letters kmnist notmnist quickdraw]
# VALUES    trade-offs γ                             [0,0.02,0.2,1,5,50,inf]
set -eu
data=${1:?which data set?}
out=${2:?which folder for the runs?}
trainer=${TRAINER:-target/debug/trainer}
settings="--dataset $data ${SETTINGS:---preset compact28 --epochs 6 --seed 1}"
evaluating=${EVALUATING:---bootstrap 1000}
ood=${OOD:-noise builtin-letters kmnist notmnist quickdraw}
values=${VALUES:-0,0.02,0.2,1,5,50,inf}

# run NAME FLAG...: trains and evaluates a model that is no part of the family.
run() {
  folder=$out/$1
  shift
  if [ ! -f "$folder/model.safetensors" ]; then
    if [ -f "$folder/checkpoint.safetensors" ]; then
      $trainer train --resume "$folder"
    else
      $trainer train $settings "$@" --out "$folder"
    fi
  fi
  [ -f "$folder/evaluation.json" ] ||
    $trainer evaluate --full "$folder/model.safetensors" $evaluating --ood $ood --out "$folder/evaluation.json"
}

$trainer sweep --over gamma --values "$values" $settings $evaluating --ood $ood --out "$out"
run class-nll --method class-nll
run class-nll-regularised --method class-nll --means-rate 0 --means-distance 18
run res-net --method res-net
run i-rev-net --method i-rev-net
run vib --method vib --gamma 1

results=$out/results
mkdir -p "$results"
$trainer table "$out" --paper table1 --out "$results/table.md"
$trainer table "$out" --format csv --out "$results/table.csv"
$trainer figure gamma "$out"/gamma-* --out "$results/gamma.svg"
$trainer figure gamma "$out"/gamma-* --all --out "$results/gamma-all.svg"
$trainer figure calibration "$out" --out "$results/calibration.svg"
$trainer figure training "$out" --out "$results/training.svg"
$trainer figure latent "$out"/gamma-*/model.safetensors "$out"/class-nll*/model.safetensors --out "$results/latent.svg"
$trainer figure samples "$out"/gamma-*/model.safetensors "$out"/class-nll*/model.safetensors --count 6 --columns 4 --out "$results/samples.svg"
$trainer figure interpolations "$out"/gamma-*/model.safetensors --class 3,8 --out "$results/interpolations.svg"
$trainer report "$out" --out "$results/report.html"
