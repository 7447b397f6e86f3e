namespace SqueezeBert.Evaluation;

/// <summary>An entity among the words of a sentence.</summary>
/// <param name="Kind">The kind of the entity ("PER"), or "_" if the tags have no kind ("B" and "I").</param>
/// <param name="Start">The index of its first word, from 0.</param>
/// <param name="End">The index after its last word.</param>
public readonly record struct EntitySpan(string Kind, int Start, int End);

/// <summary>How inconsistent tags are converted to entities.</summary>
public enum EntityMode
{
    /// <summary>
    /// Like the CoNLL script and the default mode of seqeval. An entity begins with B- or S-, with a tag of another kind than the previous
    /// one, and with I- or E- after O or after the end of an entity.
    /// </summary>
    Lenient,

    /// <summary>
    /// Like the strict IOB2 mode of seqeval. An entity begins with B- and continues with I- of the same kind. Any other I- is not part of
    /// an entity.
    /// </summary>
    Strict,
}
