use super::made::{
    self, classify, contract, manifest, mirrored, model, numbers, references, scene, stand_in,
};
use super::*;
use crate::{ErrorKind, NoProgress};
use approx::assert_abs_diff_eq;
use ndarray::s;
use std::sync::atomic::{AtomicU64, Ordering};

/// Contracts of the references, by their names there.
fn cases() -> Vec<(&'static str, NetworkContract)> {
    let ramp = contract(10, 3, Blending::LinearRamp);
    vec![
        ("ukis", mirrored(10, 2, 2, 0.4)),
        ("ukis, smaller than a patch", mirrored(10, 2, 2, 0.4)),
        ("crop", contract(10, 4, Blending::Crop)),
        (
            "ramp of logits",
            NetworkContract {
                avoid_no_data: true,
                blended: Blended::Logits,
                ..ramp.clone()
            },
        ),
        (
            "staggered ramp of probabilities",
            NetworkContract {
                avoid_no_data: true,
                staggered: true,
                ..ramp
            },
        ),
    ]
}

/// A scene of the references, and the probabilities that numpy comes to.
fn reference(name: &str) -> (Array3<i32>, Vec<f64>) {
    let references = references();
    let case = &references["mosaics"][name];
    let shape: Vec<usize> = numbers(&case["shape"])
        .iter()
        .map(|size| *size as usize)
        .collect();
    let digital_numbers = numbers(&case["digital_numbers"])
        .iter()
        .map(|number| *number as i32)
        .collect();
    let digital_numbers = Array3::from_shape_vec((2, shape[0], shape[1]), digital_numbers).unwrap();
    (digital_numbers, numbers(&case["probabilities"]))
}

#[test]
fn whole_rasters_are_those_of_the_networks_own_programs() {
    for (name, contract) in cases() {
        let (digital_numbers, expected) = reference(name);
        let seen = classify(&model(contract, stand_in), &scene(&digital_numbers));
        assert_eq!(seen.len(), expected.len());
        for ((at, value), expected) in seen.indexed_iter().zip(&expected) {
            let (value, expected) = (f64::from(*value), *expected);
            assert!(
                (value - expected).abs() < 2e-6 || value.is_nan() && expected.is_nan(),
                "{name}: {value} at {at:?} is not {expected}"
            );
        }
    }
}

#[test]
fn threads_and_batches_change_no_byte() {
    for (name, contract) in cases() {
        let scene = scene(&reference(name).0);
        let bits = |threads: usize, batch: usize| {
            let contract = NetworkContract {
                batch,
                ..contract.clone()
            };
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let seen = pool.install(|| classify(&model(contract, stand_in), &scene));
            seen.mapv(f32::to_bits)
        };
        let one = bits(1, 1);
        assert_eq!(one, bits(3, 1), "{name}");
        assert_eq!(one, bits(2, 5), "{name}");
    }
}

#[test]
fn only_the_swath_is_computed_and_work_is_what_is_reported() {
    struct Count(AtomicU64);
    impl Progress for Count {
        fn advance(&self, units: u64) {
            self.0.fetch_add(units, Ordering::Relaxed);
        }
    }
    let mut digital_numbers = made::varied(30, 40);
    digital_numbers.slice_mut(s![.., .., 12..]).fill(0);
    let scene = scene(&digital_numbers);
    let view = ModelView::of(&scene, &made::BANDS, 20).unwrap();
    let model = model(contract(10, 0, Blending::Crop), stand_in);
    let count = Count(AtomicU64::new(0));
    let seen = model.classify(&view, &count).unwrap();
    // Three rows of two patches that hold data.
    assert_eq!(count.0.into_inner(), 6);
    assert_eq!(model.work(&view), 6);
    assert!(
        seen.slice(s![.., .., 12..])
            .iter()
            .all(|value| value.is_nan())
    );
    for pixel in seen.slice(s![.., .., ..12]).lanes(Axis(0)) {
        assert_abs_diff_eq!(pixel.sum(), 1.0, epsilon = 1e-6);
    }
}

#[test]
fn a_network_that_breaks_its_contract_is_an_error() {
    let scene = scene(&made::varied(12, 12));
    let view = ModelView::of(&scene, &made::BANDS, 20).unwrap();
    let contract = contract(10, 2, Blending::Crop);
    let other_shape = model(contract.clone(), |patch| patch.to_owned());
    let not_finite = model(contract, |patch| stand_in(patch) * f32::INFINITY);
    for (model, word) in [(other_shape, "shape"), (not_finite, "finite")] {
        let error = model.classify(&view, &NoProgress).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_cancelled_run_ends() {
    struct Cancelled;
    impl Progress for Cancelled {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let scene = scene(&made::varied(12, 12));
    let view = ModelView::of(&scene, &made::BANDS, 20).unwrap();
    let model = model(contract(10, 2, Blending::Crop), stand_in);
    let error = model.classify(&view, &Cancelled).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_contract_that_contradicts_itself_is_refused() {
    let good = contract(10, 4, Blending::LinearRamp);
    let scaled = |scaling: Scaling| {
        let mut contract = good.clone();
        contract.input.scaling = scaling;
        contract
    };
    let wrong = [
        NetworkContract {
            patch: 0,
            ..good.clone()
        },
        NetworkContract {
            overlap: 6,
            ..good.clone()
        },
        NetworkContract {
            batch: 0,
            ..good.clone()
        },
        NetworkContract {
            staggered: true,
            ..contract(10, 4, Blending::Crop)
        },
        NetworkContract {
            edges: Edges::Slide,
            ..mirrored(10, 4, 3, 0.4)
        },
        NetworkContract {
            avoid_no_data: true,
            ..mirrored(10, 4, 3, 0.4)
        },
        mirrored(10, 4, 0, 0.4),
        mirrored(10, 4, 10, 0.4),
        mirrored(10, 4, 3, 1.5),
        NetworkContract {
            output: Output::Probabilities,
            blended: Blended::Logits,
            ..good.clone()
        },
        scaled(Scaling::MeanDeviation {
            mean: vec![0.0],
            deviation: vec![1.0],
        }),
        scaled(Scaling::MeanDeviation {
            mean: vec![0.0; 2],
            deviation: vec![1.0],
        }),
        scaled(Scaling::MeanDeviation {
            mean: vec![0.0; 2],
            deviation: vec![1.0, 0.0],
        }),
        scaled(Scaling::Maximum {
            maximum: vec![0.1; 2],
            added_to_maximum: Some(-0.2),
        }),
    ];
    for contract in wrong {
        let network = Box::new(made::Function(stand_in));
        let error = NetworkModel::new(manifest(contract.clone()), network);
        let error = error
            .err()
            .unwrap_or_else(|| panic!("{contract:?} is accepted"));
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        assert!(error.to_string().contains("[network]"), "{error}");
    }
    let none = Manifest {
        network: None,
        ..manifest(good)
    };
    assert!(NetworkModel::new(none, Box::new(made::Function(stand_in))).is_err());
}
