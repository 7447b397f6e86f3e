namespace SqueezeBert.Training;

/// <summary>What stands in the place of the second of two segments where a model is to tell that it does not follow the first.</summary>
public enum WrongSegment
{
    /// <summary>The two are exchanged: sentence order (Lan et al., 2020), which SqueezeBERT is pretrained with.</summary>
    Swapped,

    /// <summary>The second is of another document: next sentence prediction (Devlin et al., 2019).</summary>
    Other,
}
