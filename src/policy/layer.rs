//! A layer as it was read, with the places of everything that it says.

use std::sync::Arc;

use super::file::{LayerFile, SelectorFile};
use crate::finding::{FileName, Origin, Place};
use crate::json::{Document, Pointer};

/// A file of a policy that was read: its name and its document.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    pub(super) name: Arc<FileName>,
    pub(super) document: Document,
}

impl PolicyDocument {
    /// The place of `pointer`, or of what would hold it.
    pub fn place(&self, pointer: &Pointer) -> Place {
        Place::new(Arc::clone(&self.name), self.document.source(), self.document.nearest(pointer))
    }
}

/// A layer and the file that it stands in.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What tells it from other layers: its path within the policy, or `builtin:NAME`.
    pub id: String,
    /// What it says.
    pub content: LayerFile,
    pub(super) title: Arc<str>,
    pub(super) file: PolicyDocument,
}

impl Layer {
    /// The origin of what the layer says at `pointer`.
    pub fn origin(&self, pointer: &Pointer) -> Origin {
        Origin { layer: Arc::clone(&self.title), place: self.file.place(pointer) }
    }

    /// The place of what the layer says at `pointer`.
    pub fn place(&self, pointer: &Pointer) -> Place {
        self.file.place(pointer)
    }

    /// The document of the layer.
    pub fn document(&self) -> &Document {
        &self.file.document
    }

    /// The file of the layer.
    pub fn file_name(&self) -> &Arc<FileName> {
        &self.file.name
    }
}

/// An entry of the manifest: the layer, those that it extends before it, and where they hold.
#[derive(Debug, Clone)]
pub struct PlacedLayer {
    /// Where the layers hold.
    pub when: SelectorFile,
    /// The extended layers in order, the named one last.
    pub layers: Vec<Arc<Layer>>,
}
