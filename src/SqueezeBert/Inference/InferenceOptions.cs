using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>How a model computes.</summary>
public sealed record InferenceOptions
{
    /// <summary>
    /// Threads that one call may use, the caller included; null for one a core that the process may use (affinity and a container's quota
    /// count). The result has the same bits whatever it is.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>The precision of the linear layers' weights.</summary>
    internal WeightFormat Weights { get; init; } = WeightFormat.Float32;

    /// <summary>When threads share the work; tests make tiny models share it too.</summary>
    internal SharingLimits Sharing { get; init; } = new();
}
