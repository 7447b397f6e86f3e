namespace SqueezeBert.Training;

/// <summary>What replaces the second of two segments in a negative example, which the model has to recognize.</summary>
public enum WrongSegment
{
    /// <summary>The two segments are swapped: sentence order prediction (Lan et al., 2020), which SqueezeBERT is pretrained with.</summary>
    Swapped,

    /// <summary>The second segment comes from another document: next sentence prediction (Devlin et al., 2019).</summary>
    Other,
}
