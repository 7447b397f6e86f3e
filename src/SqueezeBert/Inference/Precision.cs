namespace SqueezeBert;

/// <summary>The number format of a model's linear layers. All other computations use float32.</summary>
public enum Precision
{
    /// <summary>
    /// The format that the model's files are intended for: <see cref="Int8"/> if the weights are quantized and the activations are meant to
    /// be, otherwise <see cref="Float32"/>. The choice never depends on the processor.
    /// </summary>
    Auto,

    /// <summary>float32, as in the reference. Quantized weights are converted to float32.</summary>
    Float32,

    /// <summary>
    /// Weights and activations are rounded to int8, and products are summed exactly. Each output channel of a weight has its own scale, and
    /// so has each token (per group of channels). The weights of linear layers take a quarter of the memory, and their products take less
    /// time. Results differ slightly from float32. They have the same bits for any number of threads, any batch and any processor.
    /// </summary>
    Int8,
}
