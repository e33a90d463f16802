//! `figure` and `report`: everything that can be drawn of runs, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::json;

use crate::{QUICK, Scratch, listing, model, text, trainer};

/// Three evaluated runs, made once.
fn runs() -> &'static Path {
    static RUNS: OnceLock<PathBuf> = OnceLock::new();
    RUNS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-runs");
        let _ = fs::remove_dir_all(&folder);
        let evaluating = ["--values", "0,1,inf", "--ood", "noise", "builtin-letters", "--limit", "300"];
        let args = ["sweep", "--over", "gamma", "--bootstrap", "40", "--out", text(&folder)];
        trainer(args.iter().chain(&QUICK).chain(&evaluating)).text();
        folder
    })
}

fn models() -> Vec<String> {
    ["gamma-0", "gamma-1", "gamma-inf"]
        .map(|run| format!("{}/{run}/model.safetensors", runs().display()))
        .to_vec()
}

/// Draws as SVG and PNG; the SVG, once both are sound.
fn draw(args: &[&str]) -> String {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let (svg, png) = (path("a.svg"), path("a.png"));
    let out = ["--out", text(&svg), text(&png), "--json"];
    let value = trainer(["figure"].iter().chain(args).chain(&out)).json();
    let [width, height] = ["width", "height"].map(|side| value[side].as_f64().unwrap());
    assert!(width > 100.0 && height > 100.0, "{value}");
    let file = std::io::BufReader::new(fs::File::open(&png).unwrap());
    let info = png::Decoder::new(file).read_info().unwrap();
    let size = (info.info().width, info.info().height);
    assert_eq!(size, ((2.0 * width).round() as u32, (2.0 * height).round() as u32));
    let svg = fs::read_to_string(&svg).unwrap();
    assert_balanced(&svg);
    // The pictures inside are base64, in which any letters may stand.
    let drawn: String =
        svg.split("data:image").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect();
    assert!(!drawn.contains("NaN") && !drawn.contains("inf\""), "{svg}");
    svg
}

/// Every tag that is opened is closed, in order.
fn assert_balanced(xml: &str) {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.trim_matches('/').split_whitespace().next().unwrap();
        match (tag.starts_with('/'), tag.ends_with('/') || tag.starts_with(['?', '!'])) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (false, false) => open.push(name),
            (false, true) => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn measures_over_gamma_have_a_panel_each() {
    let svg = draw(&["gamma", text(runs())]);
    let titles = [
        "Classification error, %",
        "Bits per dimension",
        "Calibration error, %",
        "Entropy increase, nats",
        "Detection AUC, %",
    ];
    for part in titles.iter().chain(&[">∞<", ">noise<", ">builtin-letters<", "Bands: 95 %"]) {
        assert!(svg.contains(part), "{part} is not in:\n{svg}");
    }
    let all = draw(&["gamma", text(runs()), "--all"]);
    for part in ["ECE, %", "MCE, %", "ICE, %", "Mean ΔH, nats", "builtin-letters: AUC, %"] {
        assert!(all.contains(part), "{part} is not in:\n{all}");
    }
}

#[test]
fn curves_are_drawn_of_one_run_and_of_several() {
    let one = runs().join("gamma-1");
    for paths in [vec![text(runs())], vec![text(&one)]] {
        let calibration = draw(&[&["calibration"], &paths[..]].concat());
        assert!(calibration.contains("Right minus said") && calibration.contains("IB-INN, γ = 1"));
        let reliability = draw(&[&["reliability"], &paths[..]].concat());
        for part in ["Share that is right", "Error among the most certain images, %", "IB-INN, γ = 1"] {
            assert!(reliability.contains(part), "{part} is not in:\n{reliability}");
        }
        let training = draw(&[&["training"], &paths[..]].concat());
        for part in ["CI(X, Z), nats per dimension", "CI(Z, Y), nats", "Norm of the gradient", "ln K"] {
            assert!(training.contains(part), "{part} is not in:\n{training}");
        }
        assert_eq!(training.contains("(γ = ∞)"), paths[0] == text(runs()));
    }
    let evaluation = one.join("evaluation.json");
    draw(&["calibration", text(&evaluation)]);
}

#[test]
fn sigma_comes_from_the_configuration_of_each_run() {
    let svg = draw(&["sigma", text(runs())]);
    for part in ["Losses", "Quality, %", "Cross-information", "mean AUC", "1/256"] {
        assert!(svg.contains(part), "{part} is not in:\n{svg}");
    }
}

#[test]
fn pictures_and_maps_are_drawn_of_every_model() {
    let models = models();
    let models: Vec<&str> = models.iter().map(String::as_str).collect();
    let with = |figure: &'static str, more: &[&'static str]| draw(&[&[figure], &models[..], more].concat());
    let pictures = |svg: &str| svg.matches("<image ").count();
    assert_eq!(pictures(&with("samples", &["--count", "2", "--class", "3,4,5"])), 3 * 3 * 2);
    assert_eq!(pictures(&with("interpolations", &["--class", "0,7", "--steps", "4"])), 3 * 4);
    assert_eq!(pictures(&with("interpolations", &["--indices", "0,1", "--steps", "3"])), 3 * 3);
    // 2000 images, ten means and ten names of classes; few images lie outside.
    let map = with("latent", &[]);
    let dots = map.matches("<circle ").count();
    assert!((3 * 1900..=3 * 2010 + 10).contains(&dots), "{dots}");
    let path = draw(&["rotation-path", models[1], "--index", "4"]);
    assert_eq!(pictures(&path), 8);
    assert!(path.contains("contrast turned about mid-grey"));
    assert_eq!(pictures(&draw(&["rotation-path", models[1], "--without-images"])), 0);
    assert_eq!(pictures(&draw(&["ood-examples", models[1], "--ood", "noise", "builtin-letters"])), 9);
}

#[test]
fn a_report_is_one_page_that_asks_nobody() {
    let scratch = Scratch::new();
    let out = scratch.path().join("report.html");
    let value = trainer(["report", text(runs()), "--out", text(&out), "--json"]).json();
    assert_eq!(value["runs"], json!(3));
    let html = fs::read_to_string(&out).unwrap();
    for part in [
        "All runs",
        "What γ does",
        "Calibration",
        "Training",
        "Out of distribution",
        "Latent space",
        "Samples",
        "From class to class",
        "means_distance = 5.0",
        "processor",
        "prefers-color-scheme:dark",
        "var(--class-3-of-10)",
    ] {
        assert!(html.contains(part), "{part} is not in the page");
    }
    for foreign in ["http:", "https:", "<script", "<link", "@import"] {
        let found = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(foreign), "{foreign} is in the page");
    }
    // A run that was not evaluated in full shows what its card says.
    let told =
        trainer(["report", text(model().parent().unwrap()), "--title", "One <run>", "--out", text(&out)]);
    assert!(told.text().contains("1 run in"));
    let html = fs::read_to_string(&out).unwrap();
    for part in ["<h1>One &lt;run&gt;</h1>", "AUC of builtin-letters, %", "ECE, %"] {
        assert!(html.contains(part), "{part} is not in the page");
    }
}

#[test]
fn models_without_a_mixture_are_reported_and_not_drawn() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let (run, out) = (path("run"), path("report.html"));
    let mut args = vec!["train", "--method", "res-net", "--out", text(&run)];
    args.extend(QUICK);
    trainer(args).text();
    let model = run.join("model.safetensors");
    let evaluating = ["--limit", "300", "--bootstrap", "0", "--ood", "noise"];
    trainer(
        ["evaluate", "--full", text(&model), "--out", text(&run.join("evaluation.json"))]
            .iter()
            .chain(&evaluating),
    )
    .text();
    trainer(["report", text(&run), text(runs()), "--out", text(&out)]).text();
    let html = fs::read_to_string(&out).unwrap();
    assert_eq!((html.matches(">ResNet</h2>").count(), html.matches("<h3>Samples</h3>").count()), (1, 3));
    draw(&["calibration", text(&run), text(runs())]);
    draw(&["training", text(&run), text(runs())]);
    let svg = path("a.svg");
    for args in [
        &["latent"][..],
        &["samples"],
        &["interpolations", "--class", "1,2"],
        &["interpolations", "--indices", "0,1"],
    ] {
        let (figure, more) = args.split_first().unwrap();
        let ran = trainer(["figure", figure, text(&model), "--out", text(&svg)].iter().chain(more));
        assert!(
            ran.refusal().contains("ResNet") && ran.refusal().contains("model.safetensors"),
            "{}",
            ran.refusal()
        );
        assert!(!svg.exists());
    }
}

#[test]
fn models_of_other_classes_are_not_drawn_in_one_map() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    let (letters, svg) = (path("letters"), path("a.svg"));
    let settings = QUICK.chunks(2).filter(|pair| pair[0] != "--dataset").flatten();
    let args = ["train", "--dataset", "builtin-letters", "--out", &letters];
    trainer(args.iter().chain(settings)).text();
    let letters = format!("{letters}/model.safetensors");
    let message = trainer(["figure", "latent", text(model()), &letters, "--out", &svg]).refusal();
    assert!(message.contains(&letters) && message.contains("other classes"), "{message}");
    assert!(!Path::new(&svg).exists());
}

#[test]
fn what_cannot_be_drawn_is_refused_in_one_sentence() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    let (svg, gif, missing) = (path("a.svg"), path("a.gif"), path("missing/a.svg"));
    let (evaluated, run, own) = (text(runs()), text(model().parent().unwrap()), text(model()));
    let cases: [(&[&str], &[&str]); 14] = [
        (&["figure", "gamma", evaluated, "--out", &gif], &["a.gif", ".svg or .png"]),
        (&["figure", "gamma", evaluated, "--out", &missing], &["missing"]),
        (&["figure", "gamma", run, "--out", &svg], &["evaluation.json", "trainer evaluate"]),
        (&["figure", "gamma", "/nonexistent", "--out", &svg], &["/nonexistent"]),
        (&["figure", "training", own, "--out", &svg], &["model.safetensors"]),
        (&["figure", "samples", own, "--class", "eleven", "--out", &svg], &["--class", "`eleven`"]),
        (&["figure", "interpolations", own, "--out", &svg], &["--indices", "--class"]),
        (
            &["figure", "interpolations", own, "--class", "1,2", "--steps", "1", "--out", &svg],
            &["--steps is 1"],
        ),
        (
            &["figure", "rotation-path", own, "--index", "4000", "--out", &svg],
            &["--index: 4000", "beyond the end"],
        ),
        (&["figure", "ood-examples", own, "--ood", "nonsense", "--out", &svg], &["--ood", "`nonsense`"]),
        (
            &["figure", "interpolations", own, "--class", "1,2", "--dataset", "builtin", "--out", &svg],
            &["--class", "--dataset"],
        ),
        (
            &["figure", "interpolations", own, "--indices", "1,2", "--seed", "3", "--out", &svg],
            &["--indices", "--seed"],
        ),
        (&["figure", "interpolations", own, "--class", "1,2", "--limit", "5", "--out", &svg], &["--limit"]),
        (&["report", text(scratch.path()), "--out", &path("a.html")], &["holds no run", "config.toml"]),
    ];
    for (args, wanted) in cases {
        let message = trainer(args).refusal();
        assert!(wanted.iter().all(|part| message.contains(part)), "{args:?} gave: {message}");
        assert!(listing(scratch.path()).is_empty(), "{args:?}");
    }
    let mut args = vec!["train", "--out", text(scratch.path()), "--stop-after", "1"];
    args.extend(QUICK);
    trainer(args).text();
    let message = trainer(["report", text(scratch.path()), "--out", &path("a.html")]).refusal();
    assert!(message.contains("not finished") && message.contains("--resume"), "{message}");
}
