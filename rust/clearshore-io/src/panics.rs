//! A panic is a defect: at the border of a program or library it ends as an error of kind Internal, with its
//! text and place, not as a dump on the screen.

use clearshore::{Error, Result};
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Mutex;

/// Texts and places of the last panics, as many workers may have at once: a caught payload has no place.
static LAST: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());
/// How many are remembered.
const REMEMBERED: usize = 64;

/// Lets panics be remembered, not printed. They may be caught below and be a file's fault.
pub fn keep_quiet() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        log::debug!("{info}");
        if let Ok(mut last) = LAST.lock() {
            last.truncate(REMEMBERED - 1);
            last.push_front(info.to_string());
        }
    }));
}

/// Runs something; a panic in it becomes an error.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = text_of(payload.as_ref());
        let full = LAST.lock().ok().and_then(|last| {
            let of_this = |full: &&String| full.contains(&text);
            last.iter().find(of_this).cloned()
        });
        Err(
            Error::internal("the program met a state that must not occur")
                .got(full.unwrap_or(text)),
        )
    })
}

/// What a panic said: literal texts arrive as one type, formatted ones as another.
fn text_of(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without text".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn every_kind_of_panic_becomes_an_internal_error_with_its_text() {
        let one = 1;
        let panics: [(&str, &dyn Fn()); 4] = [
            ("a literal", &|| panic!("a literal")),
            ("formatted 1", &|| panic!("formatted {one}")),
            ("out of bounds", &|| {
                let _ = Vec::<u8>::new()[one];
            }),
            ("in a worker", &|| {
                (0..64).into_par_iter().for_each(|_| panic!("in a worker"));
            }),
        ];
        for (text, panic) in panics {
            let error = caught(|| {
                panic();
                Ok(())
            })
            .unwrap_err();
            assert_eq!(error.kind(), clearshore::ErrorKind::Internal);
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}
