using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>What a student takes from its teacher.</summary>
public sealed record StudentOptions
{
    /// <summary>Numbers of the teacher's layers to keep, from 0 and ascending; null: all.</summary>
    public IReadOnlyList<int>? KeepLayers { get; init; }

    /// <summary>
    /// Type of the numbers that are written: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>.
    /// </summary>
    public TensorType Precision { get; init; } = TensorType.Float32;
}
