using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>A description of a student model.</summary>
public sealed record StudentReport
{
    internal StudentReport(ModelConfiguration configuration, IReadOnlyList<int> keptLayers)
    {
        Configuration = configuration;
        KeptLayers = keptLayers;
    }

    /// <summary>The configuration of the student.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The layer of the teacher for each layer of the student, from 0. Empty for static embeddings.</summary>
    public IReadOnlyList<int> KeptLayers { get; }

    /// <summary>The number of elements of all parameters.</summary>
    public long ParameterCount { get; internal init; }

    /// <summary>
    /// The number of multiply-adds of the encoder's matrices for one token. The attention to other tokens is not included.
    /// </summary>
    public long MultiplyAddsPerToken { get; internal init; }

    /// <summary>The share of additional tokens in the texts that a vocabulary was trimmed with, or null if it was not trimmed.</summary>
    public double? TokenGrowth { get; internal init; }

    /// <summary>The number of tokens that grouped projections were fitted on, or 0 if all weights were copied.</summary>
    public int FittedTokens { get; internal init; }

    /// <summary>
    /// The relative error of each fitted layer: the norm of the difference between its output and that of the teacher's layers, divided by
    /// the norm of the latter. Empty if all weights were copied.
    /// </summary>
    public IReadOnlyList<double> LayerErrors { get; internal init; } = [];
}

/// <summary>The progress of fitting a student.</summary>
/// <param name="Done">The number of completed steps.</param>
/// <param name="Total">The total number of steps.</param>
public readonly record struct StudentProgress(int Done, int Total);
