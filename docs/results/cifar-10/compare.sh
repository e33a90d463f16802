#!/bin/sh
# Recipes of training on CIFAR-10 compared at equal cost: 3·10¹³ FLOP each, which are 6 × multiply-adds × images that are
# trained on, and 2 × for re-estimating batch-norm. What is finished is kept: the same command goes on after an interruption.
#
#   docs/results/cifar-10/compare.sh runs/recipe            # all of them
#   docs/results/cifar-10/compare.sh runs/recipe fast sgd   # some
#
# TRAINER   the program                              [target/debug/trainer]
# SETTINGS  what all runs have in common             [--dataset cifar-10 --seed 1 --backend cpu]
set -eu
out=${1:?which folder for the runs?}
shift
wanted=" $* "
trainer=${TRAINER:-target/debug/trainer}
settings=${SETTINGS:---dataset cifar-10 --seed 1 --backend cpu}
mkdir -p "$out"

# run NAME FLAG...: trains a model and notes the minutes; one that was interrupted goes on.
run() {
  name=$1
  shift
  case $wanted in "  " | *" $name "*) ;; *) return 0 ;; esac
  folder=$out/$name
  [ ! -f "$folder/model.safetensors" ] || return 0
  begun=$(date +%s)
  if [ -f "$folder/checkpoint.safetensors" ]; then
    $trainer train --resume "$folder"
  else
    $trainer train $settings "$@" --out "$folder"
  fi
  echo "$name: $((($(date +%s) - begun) / 60)) minutes, $*" >>"$out/minutes.txt"
}

# 2 epochs and 25,600 images: 3.03·10¹³ FLOP.
compact="--preset compact32 --epochs 2 --batch-norm-batches 100"
small_batch="--preset compact32 --epochs 2 --batch 128 --batch-norm-batches 200"
run fast $compact
run sgd $small_batch --optimizer sgd --decay cosine --warm-up 100
run sgd-256 $compact --optimizer sgd
run muon-0.02 $compact --muon-rate 0.02
run muon-0.1 $compact --muon-rate 0.1
run gamma-start-30 $compact --gamma-start 30
run average-0.99 $compact --average 0.99
run augment-repo $compact --augment repo
run batch-128 $small_batch
run cosine $compact --decay cosine
run smoothing-0 $compact --label-smoothing 0
run no-dropout $compact --dense-dropout 0
# One pass over as many images as 3·10¹³ FLOP take, 6,400 of them once more for batch-norm.
run wide32 --preset wide32 --epochs 1 --train-images 22016 --batch-norm-batches 25
run cifar10-fast --preset cifar10 --recipe fast --epochs 1 --train-images 22784 --batch-norm-batches 25
run cifar10 --preset cifar10 --epochs 1 --train-images 22784 --batch-norm-batches 50 --decay cosine --warm-up 100
# The ResNet that is the twin of compact32, by the same recipe on as many images; its multiply-adds are others.
run res-net $compact --method res-net
