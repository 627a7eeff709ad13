//! Sun glint through the program: text, JSON, tables, bad input.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use support::{code, json, names, program, run, stderr, stdout, text};

/// Sample rows of the specification, made by an independent program: sza, vza, raa, wind, rho_glint.
const SAMPLES: [(f64, f64, f64, f64, f64); 5] = [
    (30.0, 10.0, 180.0, 5.0, 0.078_254),
    (30.0, 0.0, 0.0, 5.0, 0.019_939),
    (40.0, 10.0, 180.0, 7.0, 0.033_332),
    (20.0, 10.0, 180.0, 1.0, 0.278_590),
    (60.0, 10.0, 180.0, 5.0, 0.000_306),
];
/// The first of them as options.
const USUAL: [&str; 8] = ["--sza", "30", "--vza", "10", "--raa", "180", "--wind", "5"];

fn glint(arguments: &[&str]) -> Output {
    run(&[&["glint"], arguments].concat())
}

/// The usual case with some options more, as JSON.
fn usual(more: &[&str]) -> serde_json::Value {
    let output = glint(&[&USUAL[..], more, &["--json"]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    json(&output)
}

fn from_standard_input(table: &str, more: &[&str]) -> Output {
    let mut program = program();
    program.args([&["glint", "--table", "-"], more].concat());
    let piped = program.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(table.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

/// Rows by the names of their columns.
fn rows(table: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    let cell = &row[column];
    cell.parse().unwrap_or_else(|_| panic!("{column}: {cell}"))
}

fn is_close(value: f64, expected: f64, relative: f64) -> bool {
    (value - expected).abs() <= relative * expected.abs()
}

#[test]
fn text_and_json_say_what_is_predicted() {
    let output = glint(&USUAL);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    // L_GN by hand: 0.078254 cos 30 / pi.
    assert_eq!(
        stdout(&output),
        "glint coefficient L_GN                     0.021572 1/sr\n\
         reflectance rho_glint at the surface       0.078254\n\
         sensor from the sun's mirror image         20.000000 degrees\n\
         incidence on the facet, omega              20.000000 degrees\n\
         tilt of the facet, beta                    10.000000 degrees\n"
    );
    for (sza, vza, raa, wind, expected) in SAMPLES {
        let predicted = |raa: f64| {
            let options = [
                ("--sza", sza),
                ("--vza", vza),
                ("--raa", raa),
                ("--wind", wind),
            ];
            let options = options.map(|(name, value)| format!("{name}={value}"));
            let options = options.iter().map(String::as_str);
            json(&glint(&options.chain(["--json"]).collect::<Vec<_>>()))
        };
        let document = predicted(raa);
        let members: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            ["l_gn", "rho_glint", "glint_angle", "omega", "beta"]
        );
        let glint = document["rho_glint"].as_f64().unwrap();
        assert!((glint - expected).abs() < 5.1e-7, "{document}");
        // The other side of the sun, and a turn less, are the same.
        for raa in [-raa, raa - 360.0, 360.0 - raa] {
            let again = predicted(raa)["rho_glint"].as_f64().unwrap();
            assert!(is_close(again, glint, 1e-9), "{raa}: {again}");
        }
    }
}

#[test]
fn small_numbers_have_an_exponent() {
    let text = stdout(&glint(&[
        "--sza", "60", "--vza", "0", "--raa", "0", "--wind", "1",
    ]));
    // Of the golden rows.
    assert!(text.contains("5.744536e-19 1/sr"), "{text}");
    assert!(text.contains("3.609398e-18\n"), "{text}");
}

/// Golden rows: wind from the sun's side, from 45 degrees beside it, and from the other side.
#[test]
fn the_wind_direction_is_that_which_the_wind_comes_from() {
    for (direction, sun_azimuth, expected) in [
        ("140", "140", 4.832_070e-2),
        ("25", "340", 3.801_253e-2),
        ("360", "180", 4.578_552e-2),
        ("0", "180", 4.578_552e-2),
    ] {
        let document = json(&glint(&[
            "--sza",
            "30",
            "--vza",
            "5",
            "--raa",
            "180",
            "--wind",
            "5",
            "--wind-direction",
            direction,
            "--sun-azimuth",
            sun_azimuth,
            "--json",
        ]));
        let glint = document["rho_glint"].as_f64().unwrap();
        assert!(is_close(glint, expected, 1e-6), "{document}");
    }
    // The sun's azimuth alone changes nothing.
    assert_eq!(usual(&["--sun-azimuth", "77"]), usual(&[]));
}

#[test]
fn a_band_has_its_water_and_its_air() {
    let blue = usual(&["--band", "B02"]);
    let plain = usual(&[]);
    let part = |document: &serde_json::Value, key: &str| document[key].as_f64().unwrap();
    // By hand: optical depth 0.15227, exp(-0.15227 (1 / cos 30 + 1 / cos 10)).
    let transmission =
        (-0.152_27 * (1.0 / 30_f64.to_radians().cos() + 1.0 / 10_f64.to_radians().cos())).exp();
    assert!(is_close(part(&blue, "transmission"), transmission, 1e-4));
    assert!(is_close(
        part(&blue, "rho_glint_toa"),
        part(&blue, "rho_glint") * part(&blue, "transmission"),
        1e-12
    ));
    assert_eq!(blue["omega"], plain["omega"]);
    let thin = usual(&["--band", "B2", "--pressure", "506.625"]);
    assert!(is_close(
        part(&thin, "transmission").powi(2),
        part(&blue, "transmission"),
        1e-12
    ));
    // A water that refracts nothing reflects nothing.
    assert_eq!(part(&usual(&["--refractive-index", "1"]), "l_gn"), 0.0);
    // The index of B02 is 1.3353 and salt.
    let same = usual(&["--refractive-index", "1.3413"]);
    assert!(is_close(
        part(&same, "rho_glint"),
        part(&blue, "rho_glint"),
        1e-9
    ));
}

#[test]
fn tables_keep_their_columns_and_gain_figures() {
    let table = "site,SZA,vza,Raa,wind,remark\n\
                 A,30,10,180,5,\"calm, clear\"\n\
                 B, 30 ,0,0,5,\n";
    let output = from_standard_input(table, &[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let written = stdout(&output);
    assert!(
        written.starts_with(
            "site,SZA,vza,Raa,wind,remark,l_gn,rho_glint,glint_angle,omega,beta\n\
             A,30,10,180,5,\"calm, clear\",0.0215"
        ),
        "{written}"
    );
    let rows = rows(&written);
    assert!((number(&rows[0], "rho_glint") - 0.078_254).abs() < 5.1e-7);
    assert!((number(&rows[1], "rho_glint") - 0.019_939).abs() < 5.1e-7);
    assert_eq!((&rows[1]["site"][..], &rows[1]["SZA"][..]), ("B", " 30 "));
    // Every digit of the JSON document.
    assert_eq!(number(&rows[0], "l_gn"), usual(&[])["l_gn"]);
}

#[test]
fn options_stand_for_columns_and_empty_cells_for_nothing() {
    let table = "raa,band,wind_direction,Sun Azimuth\r\n180,B11,,\r\n180,,100,100\r\n180,,,\r\n";
    let output = from_standard_input(table, &["--sza", "30", "--vza", "5", "--wind", "5"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let rows = rows(&stdout(&output));
    assert!(number(&rows[0], "transmission") > 0.99);
    assert_eq!(rows[1]["transmission"], "");
    assert_eq!(rows[2]["rho_glint_toa"], "");
    // Golden: against the wind.
    assert!(is_close(number(&rows[1], "rho_glint"), 4.832_070e-2, 1e-6));
    assert!(number(&rows[2], "rho_glint") < number(&rows[1], "rho_glint"));

    // No rows are no error.
    let output = from_standard_input("sza,vza,raa,wind\n", &[]);
    assert_eq!(
        stdout(&output),
        "sza,vza,raa,wind,l_gn,rho_glint,glint_angle,omega,beta\n"
    );
}

#[test]
fn a_table_goes_to_its_file_complete_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (
        folder.path().join("angles.csv"),
        folder.path().join("made/glint.csv"),
    );
    let good = "sza,vza,raa,wind\n30,10,180,5\n";
    fs::write(&input, good).unwrap();
    let run = |target: &Path| glint(&["--table", text(&input), "-o", text(target)]);
    let done = run(&output);
    assert_eq!((code(&done), stdout(&done).as_str()), (0, ""));
    let written = fs::read_to_string(&output).unwrap();
    assert_eq!(rows(&written).len(), 1);

    fs::write(&input, format!("{good}30,10,180,21\n")).unwrap();
    assert_eq!(code(&run(&output)), 2);
    assert_eq!(fs::read_to_string(&output).unwrap(), written);
    assert_eq!(names(output.parent().unwrap()), ["glint.csv"]);

    fs::write(&input, good).unwrap();
    assert_eq!(code(&run(folder.path())), 2);
    // A table may be replaced by itself.
    assert_eq!(code(&run(&input)), 0);
    assert_eq!(fs::read_to_string(&input).unwrap(), written);
}

#[test]
fn a_bad_table_is_an_error_that_names_the_line() {
    let header = "sza,vza,raa,wind,band,wind-direction,sun-azimuth\n";
    let good = "30,10,180,5,,,\n";
    for (row, words) in [
        (
            "30,10,180,21,,,",
            vec!["line 3, column wind", "got: 21", "a number in [0, 20] m/s"],
        ),
        ("90,10,180,5,,,", vec!["column sza", "[0, 90) degrees"]),
        ("30,-1,180,5,,,", vec!["column vza", "[0, 90) degrees"]),
        ("30,NaN,180,5,,,", vec!["column vza", "got: NaN"]),
        ("30,ten,180,5,,,", vec!["column vza", "got: ten"]),
        ("30,10,361,5,,,", vec!["column raa", "[-360, 360] degrees"]),
        (
            "30,10,,5,,,",
            vec!["there is no value of raa", "line 3, column raa"],
        ),
        (
            "30,10,180,5,B13,,",
            vec!["column band", "got: B13", "B01 to B12"],
        ),
        ("30,10,180,5,,45,", vec!["line 3, column sun-azimuth"]),
        (
            "30,10,180,5,,370,3",
            vec!["column wind-direction", "[0, 360]"],
        ),
        (
            "30,10,180",
            vec!["line 3", "got: 3 cells", "expected: 7 cells"],
        ),
    ] {
        let output = from_standard_input(&format!("{header}{good}{row}\n{good}"), &[]);
        assert_eq!(code(&output), 2, "{row}");
        for words in words {
            assert!(
                stderr(&output).contains(words),
                "{words}: {}",
                stderr(&output)
            );
        }
        assert!(stderr(&output).contains("standard input"));
        assert_eq!(stdout(&output), "", "{row}");
    }
}

#[test]
fn a_line_of_names_that_says_too_little_or_too_much_is_an_error() {
    for (table, options, words) in [
        ("", vec![], "the table has no sza"),
        ("sza,vza,raa\n1,2,3\n", vec![], "give --wind for all rows"),
        ("sza;vza;raa;wind\n", vec![], "separated by commas"),
        (
            "sza,vza,raa,wind\n30,10,180,5\n",
            vec!["--wind", "5"],
            "a column, and --wind",
        ),
        (
            "sza,vza,raa,wind,Wind\n30,10,180,5,5\n",
            vec![],
            "wind in two columns",
        ),
        (
            "sza,vza,raa,wind,beta\n30,10,180,5,5\n",
            vec![],
            "a column has the name of a result",
        ),
        (
            "sza,vza,raa\n30,10,180\n",
            vec!["--wind", "55"],
            "where: --wind",
        ),
        (
            "sza,vza,raa,wind\n30,10,180,5\n",
            vec!["--pressure", "990"],
            "a pressure says nothing without a band",
        ),
    ] {
        let output = from_standard_input(table, &options);
        assert_eq!(code(&output), 2, "{table}");
        assert!(
            stderr(&output).contains(words),
            "{words}: {}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("latin.csv");
    fs::write(&file, b"sza,vza,raa,wind,site\n30,10,180,5,\xe9\n").unwrap();
    let output = glint(&["--table", text(&file)]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("latin.csv, line 2"));
    assert!(stderr(&output).contains("not UTF-8"));
    let output = glint(&["--table", "/nonexistent.csv"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("/nonexistent.csv"));
}

#[test]
fn wrong_options_end_with_2() {
    let with = |more: &[&'static str]| [&USUAL[..], more].concat();
    let instead = |option: &str, value: &'static str| {
        let mut all = USUAL.to_vec();
        let index = all.iter().position(|name| *name == option).unwrap();
        all[index + 1] = value;
        all
    };
    for (arguments, words) in [
        (vec!["--sza", "30"], "--vza"),
        (instead("--sza", "90"), "[0, 90) degrees"),
        (instead("--sza", "-0.1"), "[0, 90) degrees"),
        (instead("--vza", "nan"), "[0, 90) degrees"),
        (instead("--wind", "20.01"), "[0, 20] m/s"),
        (instead("--wind", "-1"), "--wind"),
        (instead("--raa", "1e9"), "[-360, 360] degrees"),
        (with(&["--wind-direction", "45"]), "--sun-azimuth"),
        (
            with(&["--wind-direction", "361", "--sun-azimuth", "0"]),
            "[0, 360] degrees",
        ),
        (with(&["--sun-azimuth", "-1"]), "[0, 360] degrees"),
        (with(&["--band", "B13"]), "B01 to B12 or B8A"),
        (with(&["--refractive-index", "0.9"]), "[1, 2]"),
        (
            with(&["--band", "B11", "--refractive-index", "1.3"]),
            "not both",
        ),
        (with(&["--pressure", "990"]), "without a band"),
        (
            with(&["--band", "B11", "--pressure", "99"]),
            "[400, 1100] hPa",
        ),
        (with(&["-o", "x.csv"]), "--table"),
        (vec!["--table", "x.csv", "--json"], "--json"),
    ] {
        let output = glint(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).contains(words),
            "{words}: {}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "");
    }
}

/// All golden rows, which an independent program made, as a table.
#[test]
fn golden_tables_are_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/glint");
    for (file, rename, options, column, count) in [
        (
            "glint_fixtures_iso.csv",
            [
                ("n", "refractive-index"),
                ("rho_glint", "expected"),
                ("wind_ms", "wind"),
            ]
            .as_slice(),
            [].as_slice(),
            "expected",
            210,
        ),
        (
            "glint_fixtures_aniso.csv",
            &[
                ("chi_upwind_from_sun_deg", "wind-direction"),
                ("wind_ms", "wind"),
            ],
            &["--sun-azimuth", "0"],
            "rho_gramcharlier",
            30,
        ),
    ] {
        let path = folder.join(file);
        let Ok(table) = fs::read_to_string(&path) else {
            eprintln!("skipped: {} is absent", path.display());
            continue;
        };
        let (header, body) = table.split_once('\n').unwrap();
        let renamed = header.trim().split(',').map(|name| {
            let found = rename.iter().find(|(old, _)| *old == name);
            found.map_or(name, |(_, new)| *new)
        });
        let header = renamed.collect::<Vec<_>>().join(",");
        let output = from_standard_input(&format!("{header}\n{body}"), options);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let rows = rows(&stdout(&output));
        assert_eq!(rows.len(), count);
        for row in rows {
            let expected = number(&row, column);
            assert!(
                is_close(number(&row, "rho_glint"), expected, 1e-6),
                "{row:?}"
            );
        }
    }
}

#[test]
fn help_and_the_interface_document_name_every_option_and_figure() {
    let help = stdout(&glint(&["--help"]));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/icd.md");
    let document = fs::read_to_string(path).unwrap();
    for name in [
        "sza",
        "vza",
        "raa",
        "wind",
        "wind-direction",
        "sun-azimuth",
        "band",
        "refractive-index",
        "pressure",
    ] {
        assert!(help.contains(&format!("--{name} ")), "{name}");
        assert!(document.contains(&format!("| `{name}` |")), "{name}");
    }
    let figures = usual(&["--band", "B11"]);
    for name in figures.as_object().unwrap().keys() {
        assert!(help.contains(name.as_str()), "{name}");
        assert!(document.contains(&format!("| `{name}` |")), "{name}");
    }
    assert!(help.contains("Examples:"));
}
