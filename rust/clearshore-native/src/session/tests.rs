use super::*;
use clearshore::{ErrorKind, NoProgress};
use clearshore_io::auxiliary::Auxiliary;
use std::thread;

const SIDE: usize = 300;
const BANDS: [&str; 7] = ["B02", "B03", "B04", "B8A", "B10", "B11", "B12"];
const WHOLE: Window = Window {
    column: 0,
    row: 0,
    columns: SIDE,
    rows: SIDE,
};

fn description() -> String {
    let bands: Vec<Value> = BANDS
        .iter()
        .map(|name| {
            json!({
                "name": name, "width": SIDE, "height": SIDE, "kind": "dn",
                "quantification": 10_000.0, "offset": -1000,
            })
        })
        .collect();
    json!({
        "name": "synthetic", "epsg": 32_631, "easting": 400_000.0, "northing": 4_900_000.0,
        "pixelSize": 20.0, "width": SIDE, "height": SIDE, "bands": bands, "meanSun": [40.0, 150.0],
    })
    .to_string()
}

/// Sea, land and a bright cloud over both.
fn dn(band: &str) -> Vec<u16> {
    let of = |row: usize, column: usize| {
        let cloud = row.abs_diff(150).pow(2) + column.abs_diff(150).pow(2) < 60 * 60;
        let noise = ((row * 7919 + column * 104_729) % 97) as u16;
        let (sea, land, white) = match band {
            "B02" => (1700, 1900, 6000),
            "B03" => (1500, 1900, 6000),
            "B04" => (1300, 1800, 6000),
            "B8A" => (1150, 3800, 6200),
            "B10" => (1010, 1010, 1200),
            "B11" => (1060, 3000, 4500),
            _ => (1040, 2000, 3500),
        };
        noise
            + if cloud {
                white
            } else if column < 150 {
                sea
            } else {
                land
            }
    };
    (0..SIDE * SIDE)
        .map(|pixel| of(pixel / SIDE, pixel % SIDE))
        .collect()
}

fn given(parameters: &str) -> Session {
    let session = Session::feed(&description(), parameters).unwrap();
    for band in BANDS {
        session.put_dn(band, WHOLE, &dn(band)).unwrap();
    }
    session
}

fn kind<T>(result: Result<T>) -> ErrorKind {
    result.err().unwrap().kind()
}

#[test]
fn a_run_gives_what_the_detectors_give_and_rectangles_of_it() {
    let session = given(r#"{"copyEvidence": true, "copyFeatures": "true", "threads": 2}"#);
    assert_eq!(
        kind(session.read_flags(WHOLE, &mut [0; SIDE * SIDE])),
        ErrorKind::Parameter
    );
    let summary: Value = serde_json::from_str(&session.run(|_| true).unwrap()).unwrap();
    assert_eq!(summary["source"], "tiles");
    assert_eq!(
        summary["flags"].as_array().unwrap().len(),
        clearshore::flags::FLAGS.len()
    );

    let twin = given("{}");
    let Source::Tiles(feed) = &twin.source else {
        panic!()
    };
    let (scene, _) = lock(feed)
        .take()
        .unwrap()
        .scene(Auxiliary::default(), None)
        .unwrap();
    let params = Params {
        copy_evidence: true,
        copy_features: true,
        ..Params::default()
    };
    let expected = clearshore::detect(&scene, &params, &NoProgress).unwrap();
    let cloud = expected
        .flags
        .iter()
        .filter(|flags| **flags & 2 != 0)
        .count();
    assert!((9_000..14_000).contains(&cloud), "{cloud}");

    let mut flags = vec![0; SIDE * SIDE];
    session.read_flags(WHOLE, &mut flags).unwrap();
    assert!(flags.iter().eq(&expected.flags));
    let window = Window {
        column: 140,
        row: 70,
        columns: 31,
        rows: 45,
    };
    let part = |plane: &ndarray::Array2<i32>| -> Vec<i32> {
        plane
            .slice(ndarray::s![70..115, 140..171])
            .iter()
            .copied()
            .collect()
    };
    let mut rectangle = vec![0; 31 * 45];
    session.read_flags(window, &mut rectangle).unwrap();
    assert_eq!(rectangle, part(&expected.flags));
    session.read_evidence(window, &mut rectangle).unwrap();
    assert_eq!(rectangle, part(expected.evidence.as_ref().unwrap()));
    let mut classes = vec![0; 31 * 45];
    session.read_classes(window, &mut classes).unwrap();
    let class = |flags: &i32| clearshore::flags::Flags::from_bits_retain(*flags).class() as u8;
    assert_eq!(
        classes,
        part(&expected.flags).iter().map(class).collect::<Vec<u8>>()
    );
    for feature in &expected.features {
        let mut values = vec![0.0; SIDE * SIDE];
        session
            .read_feature(feature.feature.name(), WHOLE, &mut values)
            .unwrap();
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&values), bits(feature.values.as_slice().unwrap()));
    }
    // Again at once, although the pixels are gone.
    assert_eq!(
        serde_json::from_str::<Value>(&session.run(|_| false).unwrap()).unwrap(),
        summary
    );
}

#[test]
fn missing_cells_are_named_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("auxdata/dem/SRTM 1Sec HGT");
    let parameters = |wanted: bool| {
        json!({"demFolder": folder, "computeMountainShadow": wanted, "demName": "SRTM 1Sec HGT"})
            .to_string()
    };
    let cells = |session: &Session| {
        serde_json::from_str::<Value>(&session.missing_dem_cells().unwrap()).unwrap()
    };
    let session = given(&parameters(true));
    let missing = cells(&session);
    let first = &missing[0];
    assert_eq!(first["name"], "N44E001.SRTMGL1.hgt.zip");
    assert_eq!(
        (first["latitude"].as_f64(), first["longitude"].as_f64()),
        (Some(44.5), Some(1.5))
    );
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("N44E001.SRTMGL1.hgt.zip"), b"").unwrap();
    assert_eq!(
        cells(&session).as_array().unwrap().len() + 1,
        missing.as_array().unwrap().len()
    );
    assert_eq!(cells(&given(&parameters(false))), json!([]));
    session.cancel();
    assert!(session.run(|_| true).is_err());
    assert_eq!(kind(session.missing_dem_cells()), ErrorKind::Parameter);
}

#[test]
fn what_was_not_asked_for_or_does_not_fit_is_refused() {
    let session = given("{}");
    session.run(|_| true).unwrap();
    let mut one = [0];
    let beyond = Window {
        column: SIDE,
        row: 0,
        columns: 1,
        rows: 1,
    };
    assert_eq!(
        kind(session.read_flags(beyond, &mut one)),
        ErrorKind::Parameter
    );
    assert_eq!(
        kind(session.read_flags(WHOLE, &mut one)),
        ErrorKind::Parameter
    );
    let first = Window {
        column: 0,
        row: 0,
        columns: 1,
        rows: 1,
    };
    assert_eq!(
        kind(session.read_evidence(first, &mut one)),
        ErrorKind::Parameter
    );
    assert_eq!(
        kind(session.read_feature("hot", first, &mut [0.0])),
        ErrorKind::Parameter
    );
    assert_eq!(
        kind(session.read_feature("warm", first, &mut [0.0])),
        ErrorKind::Parameter
    );
    assert_eq!(
        kind(session.put_dn("B02", WHOLE, &dn("B02"))),
        ErrorKind::Parameter
    );
    assert_eq!(kind(Session::feed("{", "{}")), ErrorKind::Parameter);
    assert_eq!(
        kind(Session::feed(&description(), "[]")),
        ErrorKind::Parameter
    );
    let nowhere = Path::new("there is no such product");
    assert_eq!(kind(Session::open(nowhere, None, "{}")), ErrorKind::Product);
}

#[test]
fn a_run_that_must_stop_before_it_begins_ends_as_cancelled() {
    let session = given("{}");
    session.cancel();
    assert_eq!(kind(session.run(|_| true)), ErrorKind::Cancelled);
    // Its pixels went with it.
    assert_eq!(kind(session.run(|_| true)), ErrorKind::Parameter);
    let handle = register(given("{}"));
    let open = find(handle).unwrap();
    close(handle).unwrap();
    assert_eq!(kind(open.run(|_| true)), ErrorKind::Cancelled);
}

#[test]
fn of_two_runs_at_once_one_runs_and_the_other_is_refused_or_answered() {
    let session = given("{}");
    let answers: Vec<Result<String>> = thread::scope(|scope| {
        let runs = [0, 1].map(|_| scope.spawn(|| session.run(|_| true)));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(answers.iter().any(Result::is_ok));
    let refused = |error: &clearshore::Error| error.to_string().contains("being run already");
    assert!(
        answers
            .iter()
            .filter_map(|answer| answer.as_ref().err())
            .all(refused)
    );
}

#[test]
fn handles_are_never_used_twice() {
    let handle = register(given("{}"));
    assert!(find(handle).is_ok());
    close(handle).unwrap();
    for stale in [handle, 0, 1, u64::MAX] {
        assert_eq!(kind(find(stale)), ErrorKind::Parameter);
        assert_eq!(kind(close(stale)), ErrorKind::Parameter);
    }
    assert!(register(given("{}")) > handle);
}

/// [`description`] and the bands in which clouds stand apart from the ground, given on request.
fn description_with_requests() -> String {
    let mut description: Value = serde_json::from_str(&description()).unwrap();
    description["givesOnRequest"] = json!(true);
    if let Some(bands) = description["bands"].as_array_mut() {
        for (name, side) in [("B07", SIDE), ("B08", 2 * SIDE)] {
            bands.push(json!({
                "name": name, "width": side, "height": side, "kind": "dn",
                "quantification": 10_000.0, "offset": -1000,
            }));
        }
    }
    description.to_string()
}

/// Beside the large cloud there is one that is small enough for bright ground, and that B10 does not see.
fn requesting() -> Session {
    let session = Session::feed(&description_with_requests(), "{}").unwrap();
    for band in BANDS {
        let mut dn = dn(band);
        let white = dn[150 * SIDE + 150];
        for row in (40..60).filter(|_| band != "B10") {
            dn[row * SIDE + 240..row * SIDE + 260].fill(white);
        }
        session.put_dn(band, WHOLE, &dn).unwrap();
    }
    session
}

/// What a listener does when pixels are asked for.
enum Answer {
    Flat,
    Nothing,
    Failure,
}

/// Gives pixels while a run asks.
struct Giver<'a> {
    session: &'a Session,
    answer: Answer,
    asked: Vec<Band>,
}

impl Listener for Giver<'_> {
    fn hear(&mut self, _: Report) -> bool {
        true
    }

    fn give(&mut self, band: Band, rectangles: &[Window]) -> Result<()> {
        self.asked.push(band);
        match self.answer {
            Answer::Flat => {
                for &rectangle in rectangles {
                    // Nothing stands apart where all is the same.
                    let dn = vec![5000; rectangle.rows * rectangle.columns];
                    self.session.put_dn(band.name(), rectangle, &dn)?;
                }
                Ok(())
            }
            Answer::Nothing => Ok(()),
            Answer::Failure => Err(Error::io("the host's file is gone")),
        }
    }
}

fn answered(session: &Session, answer: Answer) -> (Result<String>, Vec<Band>) {
    let mut giver = Giver {
        session,
        answer,
        asked: Vec::new(),
    };
    // The run takes the listener; what it was asked stays here.
    struct Lent<'a, 'b>(&'a mut Giver<'b>);
    impl Listener for Lent<'_, '_> {
        fn hear(&mut self, report: Report) -> bool {
            self.0.hear(report)
        }
        fn give(&mut self, band: Band, rectangles: &[Window]) -> Result<()> {
            self.0.give(band, rectangles)
        }
    }
    let result = session.run(Lent(&mut giver));
    (result, giver.asked)
}

#[test]
fn a_run_asks_its_listener_for_native_bands() {
    let session = requesting();
    let (result, asked) = answered(&session, Answer::Flat);
    result.unwrap();
    // B8A is in the scene as it was put there.
    assert_eq!(asked, [Band::B07, Band::B08]);
    // After the run nothing is wanted any more.
    assert_eq!(
        kind(session.put_dn("B07", WHOLE, &dn("B02"))),
        ErrorKind::Parameter
    );
}

#[test]
fn a_listener_that_gives_nothing_ends_the_run() {
    for (answer, expected) in [
        (Answer::Nothing, ErrorKind::Parameter),
        (Answer::Failure, ErrorKind::Io),
    ] {
        let (result, asked) = answered(&requesting(), answer);
        assert_eq!(kind(result), expected);
        assert_eq!(asked.len(), 1);
    }
    // A closure hears, but can't give.
    assert_eq!(kind(requesting().run(|_| true)), ErrorKind::Parameter);
}

#[test]
fn a_cancelled_run_takes_no_more_pixels() {
    struct Canceller<'a>(&'a Session);
    impl Listener for Canceller<'_> {
        fn hear(&mut self, _: Report) -> bool {
            true
        }
        fn give(&mut self, band: Band, rectangles: &[Window]) -> Result<()> {
            self.0.cancel();
            let dn = vec![5000; rectangles[0].rows * rectangles[0].columns];
            self.0.put_dn(band.name(), rectangles[0], &dn)
        }
    }
    let session = requesting();
    assert_eq!(kind(session.run(Canceller(&session))), ErrorKind::Cancelled);
}

fn wind(eastward: f64) -> String {
    json!({
        "rows": 2, "columns": 2,
        "firstRow": 100.0, "firstColumn": -50.0, "rowStep": 6_000.0, "columnStep": 6_000.0,
        "eastward": [eastward, 4.0, 4.0, null], "northward": [-2.0, -2.0, -2.0, null],
    })
    .to_string()
}

#[test]
fn wind_that_is_given_is_taken_where_a_forecast_is_wanted() {
    for (parameters, wanted) in [
        ("{}", true),
        (r#"{"windSpeed": 3}"#, false),
        (r#"{"computeGlint": false}"#, false),
    ] {
        let session = given(parameters);
        session.put_wind(&wind(90.0)).unwrap();
        // The last one counts.
        session.put_wind(&wind(3.0)).unwrap();
        let Source::Tiles(feed) = &session.source else {
            panic!()
        };
        let grid = *lock(feed).as_ref().unwrap().grid();
        let auxiliary = session.auxiliary(&grid).unwrap();
        let at_first = auxiliary.wind.and_then(|wind| wind.at(-50.0, 100.0));
        assert_eq!(at_first, wanted.then_some([3.0, -2.0]), "{parameters}");
        assert_eq!(auxiliary.warnings, Vec::<String>::new());
    }
}

#[test]
fn wind_that_is_none_is_a_warning_and_no_json_an_error() {
    let session = given("{}");
    assert_eq!(kind(session.put_wind("{}")), ErrorKind::Parameter);
    session.put_wind(&wind(-9_999.0)).unwrap();
    let summary: Value = serde_json::from_str(&session.run(|_| true).unwrap()).unwrap();
    let warnings = summary["warnings"].as_array().unwrap().iter();
    let told: Vec<_> = warnings
        .filter_map(Value::as_str)
        .filter(|warning| warning.starts_with("the wind of the host is not used"))
        .collect();
    assert_eq!(told.len(), 1, "{summary}");
    // After the run there is nothing to give it to.
    assert_eq!(kind(session.put_wind(&wind(3.0))), ErrorKind::Parameter);
}
