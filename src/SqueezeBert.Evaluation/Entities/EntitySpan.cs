namespace SqueezeBert.Evaluation;

/// <summary>An entity among the words of a sentence.</summary>
/// <param name="Kind">What it is ("PER"); "_" where the tags name no kind ("B", "I").</param>
/// <param name="Start">The number of its first word, from 0.</param>
/// <param name="End">One after its last word.</param>
public readonly record struct EntitySpan(string Kind, int Start, int End);

/// <summary>How tags that do not fit each other become entities.</summary>
public enum EntityMode
{
    /// <summary>
    /// As CoNLL's script and seqeval's default: an entity begins with B- or S-, with a tag of another kind than the one before, and with
    /// I- or E- behind O or behind the end of an entity.
    /// </summary>
    Lenient,

    /// <summary>
    /// As seqeval's strict IOB2: an entity begins with B- only and goes on with I- of the same kind; an I- anywhere else is no entity.
    /// </summary>
    Strict,
}
