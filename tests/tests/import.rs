//! Import of the authors' checkpoints: golden weights in their layout, other architectures, and files that are damaged or
//! hostile.
#![allow(clippy::unwrap_used)]

use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::{Tensors, fold_batch_norm};
use ibinn::spec::tensors::{PERMUTATION, Role, TensorInfo, training_tensors};
use ibinn::{CpuExecutor, Family, InputSpec, ModelSpec, Preset, SpecFields, StageSpec, Stem};
use ibinn_interop::import;
use ibinn_tests::checkpoint::file::zip;
use ibinn_tests::checkpoint::{Checkpoint, Kind, Tensor};
use ibinn_tests::golden::{Golden, NETS, assert_close};
use ibinn_tests::nets::weights;

const KINDS: [Kind; 2] = [Kind::Zip, Kind::Legacy];

#[test]
fn golden_weights_in_the_authors_layout_give_the_golden_latents() {
    for name in NETS {
        let Some(golden) = Golden::load(name) else { return };
        let wanted = golden.training_tensors();
        for (kind, mid_run) in
            [(Kind::Zip, false), (Kind::Zip, true), (Kind::Legacy, false), (Kind::Legacy, true)]
        {
            let file = Checkpoint::of(&golden.spec, &wanted, mid_run).bytes(kind);
            let imported = import::read(&file).unwrap();
            assert_eq!(imported.spec.elements(), golden.spec.elements(), "{name}");
            assert_eq!(imported.tensors[PERMUTATION], wanted[PERMUTATION], "{name}");
            for info in training_tensors(&golden.spec) {
                assert_close(&info.name, &imported.tensors[&info.name], &wanted[&info.name], 1e-7);
            }
            assert_eq!(imported.tensors.len(), wanted.len());

            let folded = fold_batch_norm(&imported.spec, imported.tensors);
            let get = |info: &TensorInfo| folded[&info.name].iter().map(|&v| v as f32).collect();
            let permutation: Vec<u32> = folded[PERMUTATION].iter().map(|&i| i as u32).collect();
            let executor = CpuExecutor::<f32>::from_tensors(&imported.spec, &get, &permutation);
            let x: Vec<f32> = golden.get("data.x").iter().map(|&v| v as f32).collect();
            let encoded = executor.encode(&x).unwrap();
            let widen = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
            assert_close(name, &widen(&encoded.z), &golden.expect("f32", "stage_out.z"), 1e-5);
            assert_close(name, &widen(&encoded.log_det), &golden.expect("f32", "logdet.true"), 1e-5);
        }
    }
}

/// An architecture that is none of the authors'.
fn spec(stem: Stem, channels: usize, side: usize, stages: &[(usize, usize)], classes: usize) -> ModelSpec {
    SpecFields {
        family: Family::IbInn,
        input: InputSpec {
            channels,
            height: side,
            width: side,
            mean: vec![0.0; channels],
            std: vec![1.0; channels],
        },
        stem,
        stages: stages.iter().map(|&(blocks, width)| StageSpec { blocks, width }).collect(),
        dense_hidden: 5,
        classes: (0..classes).map(|k| k.to_string()).collect(),
        class_prior: ibinn::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap()
}

/// Weights as single precision holds them, with the permutation of the authors' program for D = 192 and others.
fn rounded(spec: &ModelSpec) -> Tensors {
    let mut tensors = weights(spec);
    tensors.values_mut().flatten().for_each(|v| *v = f64::from(*v as f32));
    tensors
}

#[test]
fn any_architecture_follows_from_the_tensors() {
    let specs = [
        spec(Stem::Image, 3, 8, &[(1, 1), (3, 5), (2, 7)], 2),
        spec(Stem::Image, 3, 16, &[(2, 3)], 100),
        spec(Stem::Image, 2, 8, &[(1, 4), (1, 2)], 3),
        spec(Stem::Haar, 1, 16, &[(3, 4), (1, 6)], 10),
        spec(Stem::Haar, 3, 8, &[(2, 2)], 4),
        Preset::Compact28
            .spec()
            .unwrap()
            .for_data((0..10).map(|k| k.to_string()).collect(), vec![0.0], vec![1.0])
            .unwrap(),
    ];
    for spec in specs {
        let tensors = rounded(&spec);
        for kind in KINDS {
            let mut imported = import::read(&Checkpoint::of(&spec, &tensors, true).bytes(kind)).unwrap();
            assert_eq!(imported.spec, spec);
            imported.tensors.insert(PERMUTATION.into(), tensors[PERMUTATION].clone());
            assert_eq!(imported.tensors, tensors);
        }
    }
}

/// The numbers of the elements that have tensors, in runs of the same kind, and the number of tensors.
fn layout(preset: Preset, blocks: &[usize]) -> (Vec<(usize, usize)>, usize) {
    let plain = preset.spec().unwrap();
    let mut fields = SpecFields::from(plain);
    fields.stages.iter_mut().zip(blocks).for_each(|(stage, &blocks)| *stage = StageSpec { blocks, width: 1 });
    fields.dense_hidden = 1;
    let spec = ModelSpec::try_from(fields).unwrap();
    let zeros: Tensors = training_tensors(&spec)
        .into_iter()
        .map(|info| {
            let value = if info.role() == Role::Fixed { 1.0 } else { 0.0 };
            (info.name.clone(), vec![value; info.len()])
        })
        .collect();
    let names: Vec<String> =
        Checkpoint::of(&spec, &zeros, false).inn.into_iter().map(|(name, _)| name).collect();
    let kind = |name: &str| name.split('.').nth(2).unwrap().trim_end_matches(['1', '2']).to_string();
    let mut runs: Vec<(String, usize, usize)> = Vec::new();
    for name in &names {
        let number: usize = name.split('.').nth(1).unwrap().parse().unwrap();
        match runs.last_mut() {
            Some((_, _, last)) if *last == number => {}
            Some((known, _, last)) if *known == kind(name) => *last = number,
            _ => runs.push((kind(name), number, number)),
        }
    }
    (runs.into_iter().map(|(_, first, last)| (first, last)).collect(), names.len())
}

#[test]
fn the_written_layout_is_the_published_one() {
    let (runs, count) = layout(Preset::Cifar10, &[8, 24, 24]);
    assert_eq!(runs, [(1, 8), (9, 9), (10, 33), (34, 34), (35, 58), (59, 59), (61, 61)]);
    assert_eq!(count, 1078);
    assert_eq!(layout(Preset::Cifar10, &[3, 4, 4]).1, 268);
    let (runs, count) = layout(Preset::Mnist, &[24, 24]);
    assert_eq!(runs, [(2, 2), (3, 26), (27, 27), (28, 51), (52, 52), (54, 54)]);
    assert_eq!(count, 905);
    assert_eq!(layout(Preset::Mnist, &[5, 4]).1, 203);
}

fn small() -> Checkpoint {
    let spec = spec(Stem::Image, 3, 8, &[(1, 1), (2, 2)], 2);
    Checkpoint::of(&spec, &rounded(&spec), true)
}

/// The sentence about a checkpoint that `change` has changed.
fn refusal(change: impl Fn(&mut Checkpoint)) -> String {
    let mut checkpoint = small();
    change(&mut checkpoint);
    let [zip, legacy] = KINDS.map(|kind| import::read(&checkpoint.bytes(kind)).unwrap_err());
    assert_eq!(zip, legacy);
    zip
}

#[test]
fn networks_that_are_none_of_ours_are_refused_by_the_tensor_at_fault() {
    let remove =
        |checkpoint: &mut Checkpoint, part: &str| checkpoint.inn.retain(|(name, _)| !name.contains(part));
    let change = |checkpoint: &mut Checkpoint, part: &str, shape: &[usize]| {
        let (_, tensor) = checkpoint.inn.iter_mut().find(|(name, _)| name.ends_with(part)).unwrap();
        *tensor = Tensor::zeros(shape);
    };
    let rename = |checkpoint: &mut Checkpoint, from: &str, to: &str| {
        checkpoint.inn.iter_mut().for_each(|(name, _)| *name = name.replace(from, to));
    };
    type Case<'a> = (&'a dyn Fn(&mut Checkpoint), &'a str);
    let cases: [Case<'_>; 16] = [
        (&|c| c.mu = None, "holds no `mu`"),
        (&|c| c.mu = Some(Tensor::zeros(&[2, 192])), "has shape [2, 192]"),
        (&|c| c.mu = Some(Tensor::zeros(&[1, 2, 191])), "191 dimensions"),
        (&|c| c.inn.clear(), "hardly any element"),
        (&|c| remove(c, "list.3.act_offset"), "`module_list.3.act_offset` is missing"),
        (&|c| remove(c, "list.3."), "element 3 is missing"),
        (&|c| remove(c, "list.1."), "stage 0 has no coupling block"),
        (&|c| remove(c, "list.5."), "a DCT and one dense coupling"),
        (
            &|c| change(c, "list.3.s.1.weight", &[2, 6, 3, 2]),
            "`module_list.3.s.1.weight` has shape [2, 6, 3, 2]",
        ),
        (&|c| change(c, "list.4.s.1.weight", &[3, 6, 3, 3]), "must be [2, 6, 3, 3]"),
        (&|c| change(c, "list.1.w", &[3, 3, 1, 1]), "`module_list.1.w` is no rotation"),
        (&|c| rename(c, "list.3.s.2.weight", "list.3.s.2.gain"), "`module_list.3.s.2.weight` is missing"),
        (&|c| rename(c, "list.3.w_inv", "list.3.stray"), "`module_list.3.stray`"),
        (&|c| rename(c, "list.1.s.0.weight", "list.1.s.1.weight"), "a tensor twice"),
        (&|c| rename(c, "list.3.w_inv", "proj.weight"), "ResNet and i-RevNet are not read"),
        (&|c| change(c, "inv_weight", &[0, 0]), "inv_weight"),
    ];
    for (change, wanted) in cases {
        let message = refusal(change);
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
}

#[test]
fn wrapped_networks_are_read_and_numbers_that_are_none_are_named_as_the_file_names_them() {
    let plain = import::read(&small().bytes(Kind::Zip)).unwrap();
    for wrapper in ["module.", "_orig_mod.", "_orig_mod.module.", "module._orig_mod."] {
        let mut checkpoint = small();
        checkpoint.inn.iter_mut().for_each(|(name, _)| *name = format!("{wrapper}{name}"));
        assert_eq!(import::read(&checkpoint.bytes(Kind::Zip)).unwrap(), plain, "{wrapper}");
        let spoil = |c: &mut Checkpoint| {
            let (_, tensor) = c.inn.iter_mut().find(|(name, _)| name.ends_with("3.s.5.running_var")).unwrap();
            tensor.values[1] = f32::NAN;
        };
        spoil(&mut checkpoint);
        let wanted = format!("its tensor `{wrapper}module_list.3.s.5.running_var` holds NaN at index 1");
        assert_eq!(import::read(&checkpoint.bytes(Kind::Zip)).unwrap_err(), wanted);
        assert!(refusal(spoil).contains("`module_list.3.s.5.running_var` holds NaN"));
    }
    let message = refusal(|c| {
        let mu = c.mu.as_mut().unwrap();
        mu.values[7] = f32::INFINITY;
    });
    assert_eq!(message, "its `mu` holds inf at index 7");
}

#[test]
fn code_in_the_pickle_is_refused_by_name_in_both_containers() {
    let attack = b"\x80\x02cposix\nsystem\nX\x09\0\0\0touch /ow\x85R.";
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
    let system = b"\x80\x02}X\x0d\0\0\0little_endian\x88s.";
    for file in [
        zip(&[("x/data.pkl".into(), attack.to_vec())]),
        [&magic[..], system, attack].concat(),
        attack.to_vec(),
    ] {
        let message = import::read(&file).unwrap_err();
        assert!(message.contains("`posix.system`") && message.contains("nothing in it was run"), "{message}");
    }
}

#[test]
fn containers_that_are_none_are_refused() {
    let sound = small().bytes(Kind::Zip);
    let legacy = small().bytes(Kind::Legacy);
    let pickle = |name: &str| zip(&[(name.into(), b"\x80\x02}.".to_vec())]);
    let flipped = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases: [(Vec<u8>, &str); 9] = [
        (Vec::new(), "no checkpoint of PyTorch"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "it is a PNG picture, no checkpoint of PyTorch"),
        (b"PK\x03\x04".to_vec(), "damaged or cut short"),
        (pickle("x/weights"), "no entry `data.pkl`"),
        (pickle("x/data.pkl"), "holds no `inn`"),
        (sound[..sound.len() - 1].to_vec(), "damaged or cut short"),
        (flipped(3000), "checksum"),
        (legacy[..legacy.len() - 1].to_vec(), "is cut short"),
        (legacy[..40].to_vec(), "cut short"),
    ];
    for (bytes, wanted) in cases {
        let message = import::read(&bytes).err().unwrap_or_default();
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
    assert!(import::read(&sound).is_ok() && import::read(&legacy).is_ok());
}

#[test]
fn no_truncation_and_no_flipped_bits_bring_the_reader_down() {
    // The legacy container has no checksums, so that what is flipped reaches the readers.
    let sound = small().bytes(Kind::Legacy);
    let mut stream = Stream::new(0, Purpose::Test, 9);
    let mut accepted = 0;
    for _ in 0..4000 {
        let mut bytes = sound.clone();
        for _ in 0..1 + stream.below(3) {
            let at = stream.below(bytes.len());
            bytes[at] ^= 1 << stream.below(8);
        }
        accepted += usize::from(import::read(&bytes).is_ok());
    }
    // Flips in weights, means and momenta are no errors of form.
    assert!((1..4000).contains(&accepted), "{accepted} were accepted");
    for _ in 0..1000 {
        let length = stream.below(sound.len());
        assert!(import::read(&sound[..length]).is_err(), "{length} of {} bytes", sound.len());
    }
    // The table of contents of the zip container, at its end, has none either.
    let sound = small().bytes(Kind::Zip);
    for _ in 0..4000 {
        let mut bytes = sound.clone();
        let at = sound.len() - 1 - stream.below(sound.len() / 4);
        bytes[at] ^= 1 << stream.below(8);
        let _ = import::read(&bytes);
        let _ = import::read(&bytes[..stream.below(bytes.len())]);
    }
}
