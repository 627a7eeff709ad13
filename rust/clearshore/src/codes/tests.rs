//! The tables, written down once more by hand, and the two ways against each other.

use super::Category::{Clear, Cloud, Land, Shadow, Snow, Thin, Undecided, Water};
use super::*;

/// The table of codes as the programs document them, a line a program: their numbers for no data, clear
/// land, clear water, cloud, thin cloud, shadow, snow, relief shadow; `-` where there is none.
const DOCUMENTED: [(&str, [&str; 8]); 8] = [
    ("clearshore", ["0", "1", "2", "4", "5", "6", "3", "7"]),
    ("fmask", ["0", "1", "5", "2", "2", "3", "4", "-"]),
    ("fmask4", ["255", "0", "1", "4", "4", "2", "3", "-"]),
    ("scl", ["0", "4,5", "6", "8,9", "10", "3", "11", "2"]),
    ("cloudsen12", ["-", "0", "0", "1", "2", "3", "0", "-"]),
    ("cmix", ["0", "1", "5", "3", "2", "4", "6", "7"]),
    ("s2cloudless", ["-", "0", "0", "1", "1", "-", "0", "-"]),
    ("csmask", ["-", "0", "0", "1", "1", "2", "0", "-"]),
];

#[test]
fn the_numbers_are_those_of_the_programs() {
    assert_eq!(DOCUMENTED.map(|row| row.0), CODES.map(|row| row.name));
    for (name, columns) in DOCUMENTED {
        let codes = Codes::named(name).unwrap();
        let meant = [Undecided, Land, Water, Cloud, Thin, Shadow, Snow, Clear];
        for (numbers, meant) in columns.into_iter().zip(meant) {
            for number in numbers.split(',').filter(|number| *number != "-") {
                let category = codes.label(number.parse().unwrap()).unwrap().category();
                let told = match meant {
                    Thin => codes.tells.contains(Tells::THIN),
                    Snow => codes.tells.contains(Tells::SNOW),
                    Land | Water => codes.tells.contains(Tells::SURFACE),
                    _ => true,
                };
                if told {
                    assert_eq!(category, meant, "{name} {number}");
                } else if meant == Thin {
                    assert_eq!(category, Cloud, "{name} {number}");
                } else {
                    assert_eq!(category, Clear, "{name} {number}");
                }
            }
        }
    }
}

#[test]
fn the_table_says_what_it_tells_and_no_number_twice() {
    for codes in &CODES {
        let has = |category| codes.values.iter().any(|row| row.1 == category);
        assert_eq!(
            has(Thin),
            codes.tells.contains(Tells::THIN),
            "{}",
            codes.name
        );
        assert_eq!(
            has(Shadow),
            codes.tells.contains(Tells::SHADOW),
            "{}",
            codes.name
        );
        assert_eq!(
            has(Snow),
            codes.tells.contains(Tells::SNOW),
            "{}",
            codes.name
        );
        assert_eq!(
            has(Water),
            codes.tells.contains(Tells::SURFACE),
            "{}",
            codes.name
        );
        for (index, row) in codes.values.iter().enumerate() {
            assert!(codes.values[..index].iter().all(|other| other.0 != row.0));
        }
        assert_eq!(codes.label(77), None);
        assert_eq!(codes.label(-1), None);
    }
    assert_eq!(CODES[0].values.len(), CLASSES.len());
    assert!(Codes::named("idepix").is_none());
}

#[test]
fn flags_and_classes_say_the_same_where_classes_can() {
    // Every bit alone, and with land or water.
    for bit in (0..31).filter(|bit| Flags::from_bits(1 << bit).is_some()) {
        for surface in [0, Flags::LAND.bits(), Flags::WATER.bits()] {
            let bits = 1 << bit | surface;
            let label = Label::of_flags(bits);
            let class = Flags::from_bits_retain(bits).class();
            let of_class = CODES[0].label(class as i32).unwrap().category();
            if surface == 0 || class == Class::ReliefShadow {
                continue;
            }
            assert_eq!(label.category(), of_class, "{bits:b}");
        }
    }
    let label = Label::of_flags((Flags::LAND | Flags::CLOUD_BUFFER).bits());
    assert!(label.is_near_cloud() && !label.is_near_shadow());
    assert_eq!(label.category(), Land);
    let label =
        Label::of_flags((Flags::MOUNTAIN_SHADOW | Flags::WATER | Flags::SHADOW_BUFFER).bits());
    assert!(!label.is_near_cloud() && label.is_near_shadow());
    assert_eq!(label.category(), Water);
    assert_eq!(Label::of_flags(0).category(), Clear);
}

#[test]
fn a_known_surface_changes_only_what_was_only_clear() {
    for category in Category::ALL {
        let label = Label::from(category);
        assert_eq!(label.category(), category);
        for (is_water, surface) in [(true, Water), (false, Land)] {
            let expected = if category == Clear { surface } else { category };
            assert_eq!(label.on_surface(is_water).category(), expected);
        }
    }
}

/// What is written, by hand from the programs' documentation: the numbers of no data, land, water, snow, cloud, thin cloud,
/// cloud shadow, relief shadow on land, relief shadow on water, relief shadow on snow, glint, whitecap.
const WRITTEN: [(&str, [u8; 12]); 5] = [
    ("fmask", [0, 1, 5, 4, 2, 2, 3, 1, 5, 4, 5, 5]),
    ("fmask4", [255, 0, 1, 3, 4, 4, 2, 0, 1, 3, 1, 1]),
    ("scl", [0, 5, 6, 11, 9, 10, 3, 2, 2, 2, 6, 6]),
    ("cloudsen12", [255, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0]),
    ("cmix", [0, 1, 5, 6, 3, 2, 4, 7, 7, 7, 5, 5]),
];

#[test]
fn flags_are_written_in_the_numbers_of_the_programs() {
    let relief = Flags::MOUNTAIN_SHADOW | Flags::CAST_SHADOW;
    let pixels = [
        Flags::INVALID,
        Flags::LAND | Flags::CLEAR_LAND,
        Flags::WATER | Flags::CLEAR_WATER,
        Flags::LAND | Flags::SNOW_ICE,
        Flags::LAND | Flags::CLOUD | Flags::CLOUD_SURE,
        Flags::WATER | Flags::CLOUD | Flags::CLOUD_AMBIGUOUS,
        Flags::WATER | Flags::CLOUD_SHADOW,
        Flags::LAND | relief,
        Flags::WATER | relief,
        Flags::LAND | Flags::SNOW_ICE | relief,
        Flags::WATER | Flags::GLINT | Flags::GLINT_RISK,
        Flags::WATER | Flags::WHITECAP,
    ];
    assert_eq!(
        Codes::written().map(|codes| codes.name).collect::<Vec<_>>(),
        WRITTEN.map(|row| row.0)
    );
    for (name, numbers) in WRITTEN {
        let codes = Codes::named(name).unwrap();
        assert_eq!(pixels.map(|flags| codes.number(flags)), numbers, "{name}");
        assert_eq!(codes.no_data(), numbers[0]);
        let flags =
            Array2::from_shape_fn((5, 24), |(row, column)| pixels[(row + column) % 12].bits());
        let plane = codes.plane(&flags);
        for ((row, column), number) in plane.indexed_iter() {
            assert_eq!(*number, numbers[(row + column) % 12]);
        }
    }
}

#[test]
fn of_several_flags_the_first_by_priority_is_written() {
    // Invalid, cloud, thin cloud, cloud shadow, relief shadow, snow, water, land.
    let order = [
        Flags::INVALID,
        Flags::CLOUD_SURE,
        Flags::CIRRUS_SURE,
        Flags::CLOUD_SHADOW,
        Flags::MOUNTAIN_SHADOW,
        Flags::SNOW_ICE,
        Flags::WATER,
        Flags::LAND,
    ];
    let codes = Codes::named("cmix").unwrap();
    let numbers = (0..order.len()).map(|first| {
        let all = order[first..]
            .iter()
            .fold(Flags::empty(), |all, flag| all | *flag);
        codes.number(all)
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [0, 3, 2, 4, 7, 6, 5, 1]);
    for thin in [Flags::CLOUD_AMBIGUOUS, Flags::CIRRUS_SURE] {
        assert_eq!(
            codes.number(thin | Flags::SNOW_ICE | Flags::CLOUD_SHADOW),
            2
        );
    }
    // Near cloud, in haze, unsure: still what it is.
    let more = Flags::CLOUD_BUFFER | Flags::SHADOW_BUFFER | Flags::HAZE | Flags::LOW_CONFIDENCE;
    assert_eq!(codes.number(Flags::WATER | more), 5);
}

#[test]
fn what_is_written_is_read_as_the_flags_are() {
    let relevant = [
        Flags::INVALID,
        Flags::CLOUD_SURE,
        Flags::CLOUD_AMBIGUOUS,
        Flags::CIRRUS_SURE,
        Flags::CIRRUS_AMBIGUOUS,
        Flags::CLOUD_SHADOW,
        Flags::MOUNTAIN_SHADOW,
        Flags::SNOW_ICE,
        Flags::WHITECAP,
        Flags::GLINT,
    ];
    for codes in Codes::written() {
        for chosen in 0..1 << relevant.len() {
            for surface in [Flags::LAND, Flags::WATER] {
                let flags = relevant
                    .iter()
                    .enumerate()
                    .fold(surface, |flags, (index, flag)| {
                        if chosen >> index & 1 == 1 {
                            flags | *flag
                        } else {
                            flags
                        }
                    });
                if flags.contains(Flags::LAND) && flags.intersects(Flags::WHITECAP | Flags::GLINT) {
                    continue;
                }
                let number = codes.number(flags);
                let read = codes.label(number.into()).map(Label::category);
                // Declared in the file as no data, not one of the program's numbers.
                let read = read.unwrap_or_else(|| {
                    assert_eq!(number, codes.no_data());
                    Undecided
                });
                let relief = flags.class() == Class::ReliefShadow;
                let judged = Label::of_flags(flags.bits()).category();
                let expected = match judged {
                    Thin if !codes.tells.contains(Tells::THIN) => Cloud,
                    Snow | Land | Water if !codes.tells.contains(Tells::SURFACE) => Clear,
                    _ if relief && read == Clear => Clear,
                    // Flags in relief shadow are judged by their surface alone.
                    _ if relief && flags.contains(Flags::SNOW_ICE) => Snow,
                    judged => judged,
                };
                assert_eq!(read, expected, "{} {flags:?}", codes.name);
                assert_eq!(read.is_clear(), judged.is_clear());
                assert_eq!(read.is_cloud(), judged.is_cloud());
            }
        }
    }
}

#[test]
fn what_is_written_stands_in_the_table_once() {
    for codes in Codes::written() {
        assert!(codes.written.is_sorted_by(|a, b| a.value < b.value));
        for row in codes.written {
            assert!(codes.label(row.value.into()).is_some() || row.is_no_data());
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            assert!(row.name.chars().all(plain), "{}", row.name);
        }
        for class in CLASSES.map(|row| row.class) {
            let times = codes
                .written
                .iter()
                .filter(|row| row.classes.contains(&class))
                .count();
            assert!(times == 1 || times == 0 && class == Class::ReliefShadow);
        }
        assert_eq!(codes.band(), format!("clearshore_{}", codes.name));
    }
    let thick = &Codes::named("cloudsen12").unwrap().written[1];
    assert_eq!(thick.colour(), CLASSES[Class::Cloud as usize].colour);
}
