//! Launching kernels of our own on the buffers of Burn's tensors.

use burn::tensor::{DType, Device, Shape, Tensor};
use burn_cubecl::cubecl::ir::{ElemType, Scope, UIntKind, metadata::Info};
use burn_cubecl::cubecl::prelude::{
    AddressType, CubeCount, ExecutionMode, KernelDefinition, KernelId, KernelMetadata, KernelSettings,
};
use burn_cubecl::cubecl::server::{Handle, KernelArguments};
use burn_cubecl::cubecl::{CubeDim, CubeKernel, PrecompiledSource, client::Client};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeBackend, CubeDevice};
use ibinn_shaders::Shader;

/// A buffer of numbers on the GPU.
pub(super) type Buffer = Handle;

/// Workgroups that a launch may have in a direction.
const MOST_GROUPS: usize = 65_535;

/// A device of Burn's that runs WGSL.
pub(super) struct Gpu {
    client: Client,
    device: CubeDevice,
}

struct Kernel(&'static Shader);

impl Kernel {
    fn dimensions(&self) -> CubeDim {
        let [x, y, z] = self.0.workgroup_size;
        CubeDim::new_3d(x, y, z)
    }
}

impl KernelMetadata for Kernel {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().cube_dim(self.dimensions().into()).info(self.0.name)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Kernel {
    fn define(&self) -> KernelDefinition {
        let settings =
            KernelSettings::new(self.dimensions().into(), ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        let Shader { source, .. } = self.0;
        Some(PrecompiledSource { source: (*source).into(), entrypoint_name: "main".into(), lang: "wgsl" })
    }
}

impl Gpu {
    /// The one that `device` names.
    ///
    /// # Panics
    /// When it is no GPU of Burn's.
    pub fn new(device: &Device) -> Self {
        let CubeTensor { client, device, .. } = primitive(Tensor::<1>::zeros([1], device));
        Self { client, device }
    }

    /// A buffer with whatever was there.
    pub fn empty(&self, numbers: usize) -> Buffer {
        self.client.empty(numbers * size_of::<f32>())
    }

    /// A buffer of such words.
    pub fn words(&self, words: &[u32]) -> Buffer {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.client.create_from_slice(&bytes)
    }

    /// A buffer of such numbers.
    pub fn numbers(&self, numbers: &[f32]) -> Buffer {
        let words: Vec<u32> = numbers.iter().map(|number| number.to_bits()).collect();
        self.words(&words)
    }

    /// The numbers of a tensor, which must not be used any more where they are changed.
    pub fn buffer<const R: usize>(&self, tensor: Tensor<R>) -> Buffer {
        into_contiguous(primitive(tensor)).handle
    }

    /// A buffer as a tensor of Burn's.
    pub fn tensor<const R: usize>(&self, buffer: &Buffer, shape: [usize; R]) -> Tensor<R> {
        let (client, device) = (self.client.clone(), self.device.clone());
        let shape = Shape::from(shape.to_vec());
        let tensor = CubeTensor::new_contiguous(client, device, shape, buffer.clone(), DType::F32);
        Tensor::from_primitive::<CubeBackend>(tensor)
    }

    /// Launches a kernel for so many items in x, so many workgroups in y, on the buffers of its bindings in their order.
    ///
    /// # Panics
    /// When the kernel has another number of bindings.
    pub fn launch(&self, shader: &'static Shader, [items, rows]: [usize; 2], buffers: &[&Buffer]) {
        let Shader { name, bindings, workgroup_size, .. } = shader;
        assert_eq!(bindings.len(), buffers.len(), "the bindings of {name}");
        let groups = items.div_ceil(workgroup_size[0] as usize);
        let (columns, layers) = (groups.min(MOST_GROUPS), groups.div_ceil(MOST_GROUPS));
        let count = CubeCount::Static(columns as u32, rows as u32, layers as u32);
        let buffers = buffers.iter().map(|buffer| (*buffer).clone().binding()).collect();
        self.client.launch(Box::new(Kernel(shader)), count, KernelArguments::new().with_buffers(buffers));
    }

    /// Launches a kernel that has a workgroup for each of `groups`.
    pub fn launch_groups(&self, shader: &'static Shader, groups: usize, buffers: &[&Buffer]) {
        self.launch(shader, [groups * shader.workgroup_size[0] as usize, 1], buffers);
    }
}

fn primitive<const R: usize>(tensor: Tensor<R>) -> CubeTensor {
    let primitive = tensor.try_into_primitive::<CubeBackend>();
    primitive.unwrap_or_else(|e| panic!("kernels of our own run on GPUs of Burn's alone: {e:?}"))
}
