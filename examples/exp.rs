// experiment
use ibinn::synthetic::{Alphabet, Split, draw};
use ibinn::training::course::*;
use ibinn::*;
fn letters(first: u64, per: u64, classes: &[u64], split: Split) -> (Vec<u8>, Vec<u16>) {
    let (mut b, mut l) = (vec![], vec![]);
    for k in 0..per {
        for (y, &c) in classes.iter().enumerate() {
            b.extend(draw(Alphabet::Letters, split, 7, (first + k) * 10 + c).pixels);
            l.push(y as u16);
        }
    }
    (b, l)
}
fn auc(a: &[f64], b: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in a {
        for y in b {
            s += if y > x {
                1.0
            } else if y == x {
                0.5
            } else {
                0.0
            };
        }
    }
    100.0 * s / (a.len() * b.len()) as f64
}
fn report(name: &str, m: &Model, test: &(Vec<u8>, Vec<u16>), sixth: &[u8]) {
    let mut s = session::blocking::Session::new(m.clone(), session::executor::ExecutorChoice::Cpu).unwrap();
    let f = |b: &[u8]| b.iter().map(|&v| v as f32 / 255.0).collect::<Vec<f32>>();
    let a = s.classify(&f(&test.0), 0..).unwrap();
    let b = s.classify(&f(sixth), 0..).unwrap();
    let right = a.iter().zip(&test.1).filter(|(c, l)| c.found.prediction == **l as usize).count();
    let sc = |v: &Vec<session::Classified>| {
        v.iter().map(|c| c.found.novelty.as_ref().unwrap().score).collect::<Vec<_>>()
    };
    let below = |v: &Vec<session::Classified>, t: f64| {
        100.0 * v.iter().filter(|c| c.found.novelty.as_ref().unwrap().p <= t).count() as f64 / v.len() as f64
    };
    let disc = a
        .iter()
        .zip(&test.1)
        .filter(|(c, l)| {
            let d = &c.found.novelty.as_ref().unwrap().distances;
            (0..d.len()).fold(0, |m, i| if d[i] < d[m] { i } else { m }) == **l as usize
        })
        .count();
    println!(
        "{name}: right {:.1} (lda {:.1}) auc {:.1} alarms5 {:.1} caught5 {:.1} caught1 {:.1}",
        100.0 * right as f64 / a.len() as f64,
        100.0 * disc as f64 / a.len() as f64,
        auc(&sc(&a), &sc(&b)),
        below(&a, 0.05),
        below(&b, 0.05),
        below(&b, 0.01)
    );
}
fn main() {
    let secs: u64 = std::env::args().nth(1).unwrap().parse().unwrap(); // steps
    let start = std::env::args().nth(2).unwrap();
    let gamma: Gamma = std::env::args().nth(3).unwrap().parse().unwrap();
    let model =
        Model::from_bytes(&std::fs::read("www/public/models/digits-gamma-1.safetensors").unwrap()).unwrap();
    let cls = [0, 1, 2, 3, 4u64];
    let test = letters(5000, 100, &cls, Split::Test);
    let sixth = letters(5000, 100, &[5], Split::Test).0;
    let draws: u64 = std::env::args().nth(4).map_or(1, |d| d.parse().unwrap());
    for d in 0..draws {
        let (b, l) = letters(d * 50, 20, &cls, Split::Train);
        let p = Pictures::new([1, 28, 28], (0..5).map(|i| format!("{i}")).collect(), b, l).unwrap();
        let t = std::time::Instant::now();
        let cf = closed_form(&model, &p, 0).unwrap();
        println!("closed form in {:.2?}", t.elapsed());
        report("closed", &cf, &test, &sixth);
        let start = if start == "model" {
            Start::from_model(&model, &p, 0).unwrap()
        } else {
            Start::fresh(&p, 0).unwrap()
        };
        let mut c = Course::new(p, start, Settings { gamma, strength: 1.0 }, 0);
        report("before", &c.model().unwrap(), &test, &sixth);
        let t = std::time::Instant::now();
        for i in 1..=secs {
            let terms = c.step().unwrap();
            if i % (secs / 4) == 0 || i == 1 {
                println!(
                    "{i} {:.1?} loss {:.3} lx {:.3} ly {:.3} acc {:.2}",
                    t.elapsed(),
                    terms.loss,
                    terms.l_x.unwrap(),
                    terms.l_y,
                    terms.accuracy
                );
                if i > 1 {
                    let t = std::time::Instant::now();
                    let m = c.model().unwrap();
                    println!("model in {:.2?}", t.elapsed());
                    report("after", &m, &test, &sixth);
                }
            }
        }
    }
}
