using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>How a model computes.</summary>
internal sealed record EngineOptions
{
    /// <summary>
    /// The number of threads that one call may use, including the calling thread. Null means one per core that the process may use, with
    /// regard to affinity and the quota of a container. The result has the same bits for any number.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>
    /// The number format of the linear layers' weights. Null means int8 if the checkpoint is quantized for it, otherwise float32.
    /// </summary>
    public WeightFormat? Weights { get; init; }

    /// <summary>The limits from which threads share the work. Tests lower them, so that tiny models use several threads.</summary>
    public SharingLimits Sharing { get; init; } = new();
}
