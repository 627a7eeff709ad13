use super::super::contract::Scaling;
use super::super::made::{numbers, references};
use super::*;
use crate::learned::Manifest;
use approx::assert_relative_eq;

/// What the manifest that comes with Clearshore says about the input.
macro_rules! input_of {
    ($id:literal) => {{
        let text = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../models/",
            $id,
            ".toml"
        ));
        let manifest: Manifest = toml::from_str(text).unwrap();
        (manifest.network.unwrap().input, manifest.bands.len())
    }};
}

/// Digital numbers of a reference through our transform, beside what numpy made of them.
fn check(name: &str, (input, bands): (Input, usize)) {
    let references = references();
    let case = &references["transforms"][name];
    let reflectance: Vec<f32> = numbers(&case["digital_numbers"])
        .iter()
        .map(|number| match *number {
            0.0 => f32::NAN,
            number => number as f32 / 10_000.0,
        })
        .collect();
    let expected = numbers(&case["input"]);
    let mut patch = Array3::from_shape_vec((bands, 3, 4), reflectance).unwrap();
    input.transform(&mut patch);
    for (value, expected) in patch.iter().zip(expected) {
        assert_relative_eq!(
            f64::from(*value),
            expected,
            epsilon = 2e-6,
            max_relative = 2e-6
        );
    }
}

#[test]
fn the_input_is_that_of_the_networks_own_programs() {
    check("ukis-csmask-4b", input_of!("ukis-csmask-4b"));
    check("ukis-csmask-6b", input_of!("ukis-csmask-6b"));
    check("cloudsen12-unetmobv2", input_of!("cloudsen12-unetmobv2"));
    check("clouds2mask", input_of!("clouds2mask"));
    check("kappamask-unet", input_of!("kappamask-unet"));
    check(
        "kappamask-deeplabv3plus",
        input_of!("kappamask-deeplabv3plus"),
    );
    check("omnicloudmask", input_of!("omnicloudmask"));
}

#[test]
fn kappamask_s_quirk_is_a_switch() {
    for (name, offset) in [
        ("kappamask-unet, maxima shrunk once", -1000.0),
        ("kappamask-unet, maxima shrunk twice", -2000.0),
    ] {
        let (mut input, bands) = input_of!("kappamask-unet");
        let Scaling::Maximum {
            added_to_maximum, ..
        } = &mut input.scaling
        else {
            panic!("KappaMask divides by maxima");
        };
        *added_to_maximum = Some(offset);
        check(name, (input, bands));
    }
}

/// By hand: 1, 3 and no data have mean 2 and deviation 1; a band of one value is only centred.
#[test]
fn statistics_are_those_of_what_is_known_in_the_patch() {
    let (input, _) = input_of!("omnicloudmask");
    let unknown = f32::NAN;
    let mut patch = ndarray::array![
        [[0.1, unknown, 0.3]],
        [[0.2, unknown, 0.2]],
        [[unknown, unknown, unknown]]
    ];
    input.transform(&mut patch);
    let expected: Array3<f32> =
        ndarray::array![[[-1.0, 0.0, 1.0]], [[0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]]];
    for (value, expected) in patch.iter().zip(&expected) {
        assert_relative_eq!(value, expected, epsilon = 1e-6);
    }
}
