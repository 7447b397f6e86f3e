namespace SqueezeBert.Checkpoints;

/// <summary>What the logits of a sequence classifier mean ("problem_type").</summary>
public enum ProblemType
{
    /// <summary>Values as they are; the loss is the mean squared error.</summary>
    Regression,

    /// <summary>One label of several: softmax.</summary>
    SingleLabelClassification,

    /// <summary>Any number of labels: a sigmoid each.</summary>
    MultiLabelClassification,
}
