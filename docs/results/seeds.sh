#!/bin/sh
# γ = 1 and class-NLL on Fashion-MNIST with five seeds: how much of a figure is the seed. Models and images are those of the
# replication (replicate.sh) but for 5,000 training images that are held out, which p-values come from. What is finished is kept.
#
#   docs/results/seeds.sh runs/seeds
#   python3 docs/results/seeds.py runs/seeds > seeds.md
#
# TRAINER   the program     [target/debug/trainer]
# SEEDS     which seeds     [1 2 3 4 5]
set -eu
out=${1:?which folder for the runs?}
trainer=${TRAINER:-target/debug/trainer}
settings="--dataset fashion-mnist --preset compact28 --epochs 6 --hold-out 5000 --backend cpu"
ood="noise builtin-letters kmnist mnist notmnist quickdraw natural32 quarter-turn inverted half-occluded"

# run NAME FLAG...: trains and evaluates a model; one that was interrupted goes on.
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
    $trainer evaluate --full "$folder/model.safetensors" --executor cpu --ood $ood --out "$folder/evaluation.json"
}

for seed in ${SEEDS:-1 2 3 4 5}; do
  run "gamma-1-seed-$seed" --gamma 1 --seed "$seed"
  run "class-nll-seed-$seed" --method class-nll --seed "$seed"
done
