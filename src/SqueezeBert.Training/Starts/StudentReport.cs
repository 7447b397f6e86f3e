using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>What a student was made of.</summary>
public sealed record StudentReport
{
    internal StudentReport(ModelConfiguration configuration, IReadOnlyList<int> keptLayers)
    {
        Configuration = configuration;
        KeptLayers = keptLayers;
    }

    /// <summary>The student's configuration.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The teacher's layer for each of the student's; empty for static embeddings.</summary>
    public IReadOnlyList<int> KeptLayers { get; }

    /// <summary>Elements of all parameters.</summary>
    public long ParameterCount { get; internal init; }

    /// <summary>Multiply-adds of the encoder's matrices for one token; attention over other tokens comes on top.</summary>
    public long MultiplyAddsPerToken { get; internal init; }

    /// <summary>How many more tokens the texts have that a vocabulary was trimmed by, as a share; null where it was not.</summary>
    public double? TokenGrowth { get; internal init; }

    /// <summary>Tokens that grouped projections were fitted on; 0 where everything was copied.</summary>
    public int FittedTokens { get; internal init; }

    /// <summary>
    /// Of each fitted layer, the size of the difference between its output and that of the same layers of the teacher, as a share of the
    /// latter. Empty where everything was copied.
    /// </summary>
    public IReadOnlyList<double> LayerErrors { get; internal init; } = [];
}

/// <summary>How far the fit of a student has come.</summary>
/// <param name="Done">Steps that are done.</param>
/// <param name="Total">Steps in all.</param>
public readonly record struct StudentProgress(int Done, int Total);
