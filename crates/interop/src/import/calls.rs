//! What a pickle may call, and the persistent ids that stand for its arrays.

use super::machine::{Machine, is, no_tensor};
use super::object::{Callable, Id, Node, StorageInfo, View};

/// Tensors have no more dimensions.
const MOST_DIMENSIONS: usize = 8;
/// Keys of storages are numbers in decimal digits.
const LONGEST_KEY: usize = 64;

impl Machine<'_> {
    /// A name that is asked for.
    pub(super) fn global(&mut self, module: &str, name: &str) -> Result<(), String> {
        match Callable::named(module, name) {
            Some(callable) => self.push(Node::Callable(callable)),
            None => return Err(no_tensor(&format!("`{}.{}`", shown(module), shown(name)))),
        }
        Ok(())
    }

    /// A call of one of the known names.
    pub(super) fn reduce(&mut self) -> Result<(), String> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let (&Node::Callable(callable), Node::Tuple(arguments)) = (self.node(callable), self.node(arguments))
        else {
            return Err(no_tensor("calls of what has no name"));
        };
        let misused = |name: &str| is(&format!("calls {name} with what it does not take"));
        // No call takes more; the copy stays small however large the tuple is.
        let arguments = arguments[..arguments.len().min(8)].to_vec();
        match (callable, &arguments[..]) {
            (Callable::OrderedDict, []) => self.push(Node::Dict(Vec::new())),
            (Callable::OrderedDict, _) => return Err(misused("OrderedDict")),
            (Callable::RebuildTensor, &[storage, offset, shape, strides, ..]) => {
                let view = self.view(storage, offset, shape, strides);
                let view = view.ok_or_else(|| misused("_rebuild_tensor_v2"))?;
                self.push(Node::Tensor(view));
            }
            (Callable::RebuildTensor, _) => return Err(misused("_rebuild_tensor_v2")),
            (Callable::RebuildParameter, &[tensor, ..]) if matches!(self.node(tensor), Node::Tensor(_)) => {
                self.stack.push(tensor);
            }
            (Callable::RebuildParameter, _) => return Err(misused("_rebuild_parameter")),
            (Callable::PassedOver, _) => self.push(Node::Opaque),
            (Callable::Storage(_), _) => return Err(misused("a storage")),
        }
        Ok(())
    }

    /// An object of a class that is passed over.
    pub(super) fn object(&mut self) -> Result<(), String> {
        let (_arguments, class) = (self.pop()?, self.pop()?);
        match self.node(class) {
            Node::Callable(Callable::PassedOver) => self.push(Node::Opaque),
            _ => return Err(is("makes an object of what is no class")),
        }
        Ok(())
    }

    fn whole(&self, id: Id) -> Option<usize> {
        if let Node::Int(value) = self.node(id) { usize::try_from(*value).ok() } else { None }
    }

    fn wholes(&self, id: Id) -> Option<Vec<usize>> {
        let Node::Tuple(items) = self.node(id) else { return None };
        (items.len() <= MOST_DIMENSIONS).then_some(())?;
        items.iter().map(|&item| self.whole(item)).collect()
    }

    fn view(&self, storage: Id, offset: Id, shape: Id, strides: Id) -> Option<View> {
        let &Node::Storage(storage) = self.node(storage) else { return None };
        let (shape, strides) = (self.wholes(shape)?, self.wholes(strides)?);
        (shape.len() == strides.len()).then_some(())?;
        Some(View { storage, offset: self.whole(offset)?, shape, strides })
    }

    /// A persistent id: ('storage', class, key, location, number of elements, and in the legacy container None).
    pub(super) fn persistent(&mut self) -> Result<(), String> {
        let id = self.pop()?;
        let storage = self.storage(id).ok_or_else(|| is("has a persistent id that is no storage"))?;
        let position = match self.positions.get(&storage.key) {
            Some(&position) if self.storages[position] == storage => position,
            Some(_) => return Err(is(&format!("contradicts itself about the storage `{}`", storage.key))),
            None => {
                self.positions.insert(storage.key.clone(), self.storages.len());
                self.storages.push(storage);
                self.storages.len() - 1
            }
        };
        self.push(Node::Storage(position));
        Ok(())
    }

    fn storage(&self, id: Id) -> Option<StorageInfo> {
        let Node::Tuple(parts) = self.node(id) else { return None };
        let &[kind, class, key, _location, length, ..] = &parts[..] else { return None };
        let (Node::Text(kind), Node::Text(key)) = (self.node(kind), self.node(key)) else { return None };
        let &Node::Callable(Callable::Storage(number)) = self.node(class) else { return None };
        let length = self.whole(length)?;
        (kind == "storage" && key.len() <= LONGEST_KEY).then(|| StorageInfo {
            key: key.clone(),
            number,
            length,
        })
    }
}

/// A name as a message can show it, whatever a hostile file has put there.
fn shown(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}
