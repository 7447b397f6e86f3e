namespace SqueezeBert;

/// <summary>The numbers that a model's linear layers are computed with; all else is float32.</summary>
public enum Precision
{
    /// <summary>float32, as the reference.</summary>
    Float32,

    /// <summary>
    /// Weights and rows rounded to int8, each output and each token (and group of channels) with a scale of its own, and summed exactly:
    /// the weights of linear layers take a quarter of the memory, and products less time. Results differ a little from float32; they too
    /// have the same bits whatever the threads, the batch and the processor.
    /// </summary>
    Int8,
}
