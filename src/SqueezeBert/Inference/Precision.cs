namespace SqueezeBert;

/// <summary>The numbers that a model's linear layers are computed with; all else is float32.</summary>
public enum Precision
{
    /// <summary>
    /// What the model's files are made for: <see cref="Int8"/> where their weights are quantized and rows are meant to be, else
    /// <see cref="Float32"/>. It never depends on the processor.
    /// </summary>
    Auto,

    /// <summary>float32, as the reference. Weights that are quantized are the numbers that they stand for.</summary>
    Float32,

    /// <summary>
    /// Weights and rows rounded to int8, each output and each token (and group of channels) with a scale of its own, and summed exactly:
    /// the weights of linear layers take a quarter of the memory, and products less time. Results differ a little from float32; they too
    /// have the same bits whatever the threads, the batch and the processor.
    /// </summary>
    Int8,
}
