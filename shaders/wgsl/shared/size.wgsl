// Invocations of a workgroup, where they do not work together: few on an adapter that imitates a GPU, so that the cores
// share the work of one image; as many as run at once on a real one.
override size: u32 = 64u;
