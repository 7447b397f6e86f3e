namespace SqueezeBert.Assistant;

/// <summary>How well an assistant tells texts in scope from others by <see cref="Understanding.InScope"/>.</summary>
public sealed record AssistantScopeReport
{
    /// <summary>Texts in scope.</summary>
    public required int InScope { get; init; }

    /// <summary>Texts out of scope.</summary>
    public required int OutOfScope { get; init; }

    /// <summary>
    /// Area under the ROC curve: how often a text out of scope is less probably in scope than a text that is, ties counting half.
    /// </summary>
    public required double Auroc { get; init; }

    /// <summary>The share of texts in scope that may be refused, for <see cref="Recall"/>.</summary>
    public required double FalseRefusals { get; init; }

    /// <summary>The share of texts out of scope that is refused by a threshold that refuses so many of the texts in scope.</summary>
    public required double Recall { get; init; }

    /// <summary>The threshold of <see cref="Recall"/>: what is below it is refused.</summary>
    public required double RecallThreshold { get; init; }

    /// <summary>The assistant's own threshold, <see cref="AssistantThresholds.InScope"/>.</summary>
    public required double Threshold { get; init; }

    /// <summary>The share of texts in scope below the assistant's own threshold.</summary>
    public required double RefusedInScope { get; init; }

    /// <summary>The share of texts out of scope below the assistant's own threshold.</summary>
    public required double RefusedOutOfScope { get; init; }
}
