using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>How a model computes.</summary>
internal sealed record EngineOptions
{
    /// <summary>
    /// Threads that one call may use, the caller included; null for one per core that the process may use (affinity and a container's quota
    /// count). The result has the same bits whatever it is.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>The precision of the linear layers' weights; null: int8 where the checkpoint is quantized for it, else float32.</summary>
    public WeightFormat? Weights { get; init; }

    /// <summary>When threads share the work; tests make tiny models share it too.</summary>
    public SharingLimits Sharing { get; init; } = new();
}
