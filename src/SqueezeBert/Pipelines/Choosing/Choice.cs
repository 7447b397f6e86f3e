using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert;

/// <summary>One of several choices, as a model weighs it against the others.</summary>
/// <param name="Index">Its place among the choices, from 0.</param>
/// <param name="Text">The choice.</param>
/// <param name="Score">Probability in 0..1; those of all choices add up to one.</param>
public readonly record struct ChoiceScore(int Index, string Text, float Score);

/// <summary>What a model chooses.</summary>
public sealed class Choice
{
    internal Choice(IReadOnlyList<ChoiceScore> choices, in ReadText read)
    {
        Choices = choices;
        IsTruncated = read.IsTruncated;
        WindowCount = read.WindowCount;
    }

    /// <summary>The best choice.</summary>
    public ChoiceScore Best => Choices[0];

    /// <summary>All choices, highest score first; equal scores in their order.</summary>
    public IReadOnlyList<ChoiceScore> Choices { get; }

    /// <summary>
    /// Whether prompt or choice were cut off in any of the pairs, because together they have more tokens than the model reads.
    /// </summary>
    public bool IsTruncated { get; }

    /// <summary>Windows of the pair that was read in most of them.</summary>
    public int WindowCount { get; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Best.Text} ({Best.Score:0.000})");
}
