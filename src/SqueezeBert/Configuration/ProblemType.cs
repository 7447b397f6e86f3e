namespace SqueezeBert.Checkpoints;

/// <summary>How the logits of a sequence classifier are interpreted ("problem_type").</summary>
public enum ProblemType
{
    /// <summary>Regression: the logits are the values. The loss is the mean squared error.</summary>
    Regression,

    /// <summary>One of several labels: the scores are a softmax of the logits.</summary>
    SingleLabelClassification,

    /// <summary>Any number of labels: each score is a sigmoid of its logit.</summary>
    MultiLabelClassification,
}
