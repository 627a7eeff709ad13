//! The figures of an evaluation as tables for the terminal.

use clearshore::evaluate::{Category, Report, Scores, Spread};
use std::fmt::Write;

/// All tables.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    let pixels = &report.pixels;
    let _ = writeln!(
        text,
        "{} pixels, {} known to the truth; the mask leaves {} of these undecided",
        pixels.all,
        pixels.valid,
        percent(pixels.undecided_share),
    );
    if let Some(plain) = report.scores.first() {
        write_experiments(plain, &mut text);
        if let Some(iou) = &report.mean_iou {
            let _ = writeln!(
                text,
                "mean IoU {} (clear {}, thick cloud {}, thin cloud {}, shadow {})",
                share(iou.mean),
                share(iou.clear),
                share(iou.cloud),
                share(iou.thin),
                share(iou.shadow),
            );
        }
        write_patches(report, plain, &mut text);
    }
    write_variants(report, &mut text);
    write_strata(report, &mut text);
    write_confusion(report, &mut text);
    text
}

fn write_experiments(scores: &Scores, text: &mut String) {
    let _ = writeln!(
        text,
        "\n{:<12} {:>8} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "all pixels", "true", "PA", "UA", "BOA", "BER", "F1", "F2", "IoU", "OA"
    );
    for row in &scores.experiments {
        let figures = &row.figures;
        let counts = &figures.counts;
        let positive = (counts.tp + counts.fn_) as f64 / counts.pixels() as f64;
        let _ = write!(
            text,
            "{:<12} {:>8}",
            row.experiment.name(),
            percent(Some(positive))
        );
        for figure in [
            figures.pa,
            figures.ua,
            figures.boa,
            figures.ber,
            figures.f1,
            figures.f2,
            figures.iou,
            figures.oa,
        ] {
            let _ = write!(text, " {:>6}", share(figure));
        }
        text.push('\n');
    }
}

fn write_patches(report: &Report, scores: &Scores, text: &mut String) {
    let pixels = &report.pixels;
    let _ = writeln!(
        text,
        "\n{} patches of {side} x {side} pixels: median (quartiles), and % of patches below 0.1, to 0.9, above",
        pixels.patches,
        side = pixels.patch_side,
    );
    if pixels.patches == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "{:<12} {:<21} {:<21} {:<21} {:<12} {:<12}",
        "", "PA", "UA", "BOA", "PA", "UA"
    );
    for row in &scores.experiments {
        let patches = &row.patches;
        let _ = writeln!(
            text,
            "{:<12} {:<21} {:<21} {:<21} {:<12} {:<12}",
            row.experiment.name(),
            quartiles(&patches.pa),
            quartiles(&patches.ua),
            quartiles(&patches.boa),
            thirds(&patches.pa),
            thirds(&patches.ua),
        );
    }
}

fn write_variants(report: &Report, text: &mut String) {
    let names = ["cloud", "shadow", "invalid"];
    let _ = write!(text, "\n{:<20}", "rims and buffers");
    for name in names {
        let _ = write!(
            text,
            " {:>6} {:>6} {:>6} {:>6}",
            name_of(name),
            "UA",
            "BOA",
            "F2"
        );
    }
    text.push('\n');
    for scores in &report.scores {
        let _ = write!(text, "{:<20}", way(scores));
        for name in names {
            let row = scores
                .experiments
                .iter()
                .find(|row| row.experiment.name() == name);
            let figures = row.map(|row| row.figures);
            for figure in [
                figures.and_then(|figures| figures.pa),
                figures.and_then(|figures| figures.ua),
                figures.and_then(|figures| figures.boa),
                figures.and_then(|figures| figures.f2),
            ] {
                let _ = write!(text, " {:>6}", share(figure));
            }
        }
        text.push('\n');
    }
}

/// The head of an experiment's first column, which is PA.
fn name_of(experiment: &str) -> String {
    experiment.chars().take(3).collect::<String>() + " PA"
}

fn way(scores: &Scores) -> String {
    if scores.tolerance > 0 {
        format!("without {} px rim", scores.tolerance)
    } else if scores.common_buffer > 0.0 {
        format!("both grown by {} m", scores.common_buffer)
    } else if scores.own_buffer {
        "own buffer".into()
    } else {
        "plain".into()
    }
}

fn write_strata(report: &Report, text: &mut String) {
    let _ = writeln!(
        text,
        "\n{:<12} {:>8} {:>12} {:>9} {:>9} {:>10} {:>10}",
        "strata", "pixels", "false cloud", "cloud PA", "cloud BOA", "shadow PA", "shadow BOA"
    );
    for row in &report.strata {
        let _ = writeln!(
            text,
            "{:<12} {:>8} {:>12} {:>9} {:>9} {:>10} {:>10}",
            row.stratum.name(),
            percent(row.share),
            percent(row.false_cloud),
            share(row.cloud.pa),
            share(row.cloud.boa),
            share(row.shadow.and_then(|shadow| shadow.pa)),
            share(row.shadow.and_then(|shadow| shadow.boa)),
        );
    }
    if !report.strata_left_out.is_empty() {
        let _ = writeln!(
            text,
            "not known to the truth: {}",
            report.strata_left_out.join(", ")
        );
    }
}

/// Categories that occur, in % of the valid pixels.
fn write_confusion(report: &Report, text: &mut String) {
    let pixels = &report.confusion.pixels;
    let row_sum = |category: Category| pixels[category as usize].iter().sum::<u64>();
    let column_sum = |category: Category| {
        let known = pixels.iter().skip(1);
        known.map(|row| row[category as usize]).sum::<u64>()
    };
    let rows = Category::ALL.into_iter().skip(1);
    let columns: Vec<Category> = Category::ALL
        .into_iter()
        .filter(|category| column_sum(*category) > 0)
        .collect();
    let _ = write!(text, "\n{:<12}", "truth \\ mask");
    for column in &columns {
        let _ = write!(text, " {:>9}", column.name());
    }
    text.push('\n');
    for row in rows.filter(|row| row_sum(*row) > 0) {
        let _ = write!(text, "{:<12}", row.name());
        for column in &columns {
            let part = pixels[row as usize][*column as usize] as f64;
            let _ = write!(
                text,
                " {:>9}",
                percent(Some(part / report.pixels.valid as f64))
            );
        }
        text.push('\n');
    }
}

fn share(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".into(), |figure| format!("{figure:.3}"))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{:.2} %", 100.0 * share))
}

fn quartiles(spread: &Spread) -> String {
    match (spread.median, spread.q1, spread.q3) {
        (Some(median), Some(q1), Some(q3)) => format!("{median:.3} ({q1:.3}-{q3:.3})"),
        _ => "-".into(),
    }
}

fn thirds(spread: &Spread) -> String {
    match (spread.low, spread.middle, spread.high) {
        (Some(low), Some(middle), Some(high)) => {
            let [low, middle, high] = [low, middle, high].map(|share| 100.0 * share);
            format!("{low:.0} {middle:.0} {high:.0}")
        }
        _ => "-".into(),
    }
}
