namespace SqueezeBert.Training.Tasks;

/// <summary>What the label column of a task's tables holds.</summary>
internal enum LabelKind
{
    /// <summary>Nothing: the task learns from plain text.</summary>
    None,

    /// <summary>The name of one label.</summary>
    Name,

    /// <summary>The names of any number of labels.</summary>
    Names,

    /// <summary>A number.</summary>
    Number,
}
