namespace SqueezeBert;

/// <summary>How the labels of tokens become entities, as in the token-classification pipeline of transformers.</summary>
public enum EntityAggregation
{
    /// <summary>Each token stands alone, under the whole name of its label ("B-PER").</summary>
    None,

    /// <summary>Neighbouring tokens of one kind are one entity, even where a word's pieces disagree.</summary>
    Simple,

    /// <summary>As <see cref="Simple"/>, over whole words, each with the label of its first piece.</summary>
    First,

    /// <summary>As <see cref="Simple"/>, over whole words, each with the best label of the mean of its pieces' scores.</summary>
    Average,

    /// <summary>As <see cref="Simple"/>, over whole words, each with the label of the piece that is surest.</summary>
    Max,
}
