//! Pictures one after the other, whatever they lie in, for whoever wants to see each of them.

use std::path::{Path, PathBuf};

use ibinn::image::Framing;
use rayon::prelude::*;

use super::arrays::Arrays;
use super::rows::{self, Rows};
use super::store::{Content, Store};
use crate::picture::{Look, Picture};
use crate::{Error, Result};

/// Images of arrays that are brought to shape side by side.
const TOGETHER: usize = 1024;

/// Pictures of one source: files, all of a folder or an archive, or those of arrays. Only a few are in memory at a time.
#[derive(Debug)]
pub struct Feed {
    /// What stands before the name of each.
    prefix: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Files(Store),
    Arrays(Arrays),
    Rows(Rows),
}

/// A picture of a feed as an image of the shape that was asked for, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Fed {
    /// The picture's path, or the archive's with the name in it.
    pub name: String,
    /// C·H·W bytes, or what is wrong with it as a sentence about "it".
    pub image: Result<Vec<u8>, String>,
}

impl Feed {
    /// The pictures at `paths`, in their order. A file that is neither an archive nor arrays is one picture, whether or not
    /// it can be read, and so is a path at which there is nothing.
    ///
    /// # Errors
    /// When a folder or an archive cannot be read.
    pub fn all(paths: &[PathBuf]) -> Result<Vec<Self>> {
        let mut feeds = Vec::new();
        let mut single: Vec<String> = Vec::new();
        for path in paths {
            let Some(feed) = Self::of_several(path)? else {
                single.push(path.display().to_string());
                continue;
            };
            if !single.is_empty() {
                feeds.push(Self::of_files(std::mem::take(&mut single)));
            }
            feeds.push(feed);
        }
        if !single.is_empty() {
            feeds.push(Self::of_files(single));
        }
        Ok(feeds)
    }

    fn of_files(names: Vec<String>) -> Self {
        Self { prefix: String::new(), kind: Kind::Files(Store::beside(Path::new(""), names)) }
    }

    /// The pictures of a folder, an archive or arrays; none where it is neither.
    fn of_several(path: &Path) -> Result<Option<Self>> {
        let prefix = format!("{}/", path.display().to_string().trim_end_matches('/'));
        let named = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
        if path.is_file() && (named("npz") || named("npy")) {
            let kind = Kind::Arrays(Arrays::of_images(path)?);
            return Ok(Some(Self { prefix, kind }));
        }
        if path.is_file() && rows::is_one(path) {
            return Ok(Some(Self { prefix, kind: Kind::Rows(Rows::of_images(path)?) }));
        }
        let store = match Store::open(path) {
            // A file that cannot be opened is a picture that cannot be read.
            Err(Error::File(ibinn_files::Error::Io { .. })) if !path.is_dir() => None,
            store => store?,
        };
        Ok(store.map(|store| Self { prefix, kind: Kind::Files(store) }))
    }

    /// How many files there are; those of a folder or an archive that are no pictures are passed over.
    pub fn len(&self) -> usize {
        match &self.kind {
            Kind::Files(store) => store.names.len(),
            Kind::Arrays(arrays) => arrays.len(),
            Kind::Rows(rows) => rows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hands each picture over as an image of `shape`, framed where that is asked for, in order; of a compressed tar archive in the archive's. None stands
    /// for a file that is passed over.
    ///
    /// # Errors
    /// When the archive cannot be read to its end, or `take` refuses.
    pub fn each<E: From<Error>>(
        &self,
        shape: [usize; 3],
        look: &Look,
        framing: Option<&Framing>,
        mut take: impl FnMut(Option<Fed>) -> Result<(), E>,
    ) -> Result<(), E> {
        let image_of = |picture: &Picture| match framing {
            Some(framing) => picture.framed(shape, look, framing),
            None => picture.image(shape, look),
        };
        match &self.kind {
            Kind::Arrays(arrays) => {
                for start in (0..arrays.len()).step_by(TOGETHER) {
                    let chunk = start..(start + TOGETHER).min(arrays.len());
                    let fed: Vec<Fed> = chunk
                        .into_par_iter()
                        .map(|i| {
                            let (name, picture) = arrays.get(i);
                            let name = format!("{}{name}", self.prefix);
                            Fed { name, image: Ok(image_of(&picture)) }
                        })
                        .collect();
                    fed.into_iter().try_for_each(|fed| take(Some(fed)))?;
                }
                Ok(())
            }
            Kind::Files(store) => {
                let is_asked_for = self.prefix.is_empty();
                let all: Vec<usize> = (0..store.names.len()).collect();
                let image = |content: Content<'_>| match content {
                    Content::Bytes(bytes) => Some(Picture::decode(&bytes).map(|picture| image_of(&picture))),
                    Content::Unreadable(why) => Some(Err(why)),
                    Content::Other if is_asked_for => Some(Err("it is no picture".into())),
                    Content::Other => None,
                };
                let name = |i: usize| format!("{}{}", self.prefix, store.names[i]);
                refusing(take, |take| {
                    store.each(
                        &all,
                        |_, content| image(content),
                        |i, image| take(image.map(|image| Fed { name: name(i), image })),
                    )
                })
            }
            Kind::Rows(rows) => {
                let all: Vec<usize> = (0..rows.len()).collect();
                let image = |bytes: Result<&[u8], String>| {
                    bytes.and_then(Picture::decode).map(|picture| image_of(&picture))
                };
                let name = |i: usize| format!("{}{}", self.prefix, rows.name(i));
                refusing(take, |take| {
                    rows.each(
                        &all,
                        |_, bytes| image(bytes),
                        |i, image| take(Some(Fed { name: name(i), image })),
                    )
                })
            }
        }
    }
}

/// Has `source` hand pictures to `take`, whose error waits beside, as a source knows only its own.
fn refusing<E: From<Error>>(
    mut take: impl FnMut(Option<Fed>) -> Result<(), E>,
    source: impl FnOnce(&mut dyn FnMut(Option<Fed>) -> Result<()>) -> Result<()>,
) -> Result<(), E> {
    let mut refused = None;
    let done = source(&mut |fed| {
        take(fed).map_err(|error| {
            refused = Some(error);
            Error::Usage(String::new())
        })
    });
    match (refused, done) {
        (Some(error), _) => Err(error),
        (None, done) => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::{folder, npy, numbered, zipped};
    use super::*;

    #[test]
    fn pictures_come_in_order_with_their_names_and_what_is_wrong() {
        let files =
            [("in/b/1.png", numbered(1)), ("in/a/0.png", numbered(0)), ("in/about.txt", b"words".to_vec())];
        let files = files.map(|(name, bytes)| (name.to_string(), bytes));
        let scratch = folder(&files);
        let path = |name: &str| scratch.path().join(name);
        std::fs::write(path("some.zip"), zipped(&files)).unwrap();
        std::fs::write(path("broken.png"), b"").unwrap();
        std::fs::write(path("two.npy"), npy("|u1", "(2, 8, 8)", &[7; 128])).unwrap();
        let paths = [
            path("broken.png"),
            path("none.png"),
            path("in"),
            path("in/about.txt"),
            path("some.zip"),
            path("two.npy"),
        ];
        let feeds = Feed::all(&paths).unwrap();
        assert_eq!(feeds.iter().map(Feed::len).collect::<Vec<_>>(), [2, 3, 1, 3, 2]);
        let mut seen = Vec::new();
        for feed in &feeds {
            feed.each([1, 8, 8], &Look::default(), None, |fed| {
                if let Some(Fed { name, image }) = fed {
                    let name =
                        name.strip_prefix(&*format!("{}/", scratch.path().display())).unwrap().to_string();
                    seen.push((name, image.map(|image| image[0]).map_err(|why| why[..10].to_string())));
                }
                Ok::<(), Error>(())
            })
            .unwrap();
        }
        let wanted = [
            ("broken.png", Err("it is an e")),
            ("none.png", Err("No such fi")),
            ("in/a/0.png", Ok(0)),
            ("in/b/1.png", Ok(60)),
            ("in/about.txt", Err("it is no p")),
            ("some.zip/in/a/0.png", Ok(0)),
            ("some.zip/in/b/1.png", Ok(60)),
            ("two.npy/0", Ok(7)),
            ("two.npy/1", Ok(7)),
        ];
        let wanted =
            wanted.map(|(name, image)| (name.to_string(), image.map_err(|why: &str| why.to_string())));
        assert_eq!(seen, wanted);
    }

    #[test]
    fn whoever_takes_them_may_refuse() {
        let files: Vec<_> = (0..3).map(|i| (format!("{i}.png"), numbered(i))).collect();
        let scratch = folder(&files);
        let feeds = Feed::all(&[scratch.path().into()]).unwrap();
        let refused =
            feeds[0].each([1, 8, 8], &Look::default(), None, |_| Err(Error::Usage("enough".into())));
        assert_eq!(refused.unwrap_err().to_string(), "enough");
    }
}
