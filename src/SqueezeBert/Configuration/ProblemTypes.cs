using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>How a config.json writes problem types.</summary>
internal static class ProblemTypes
{
    public static string NameOf(ProblemType problem) => problem switch
    {
        ProblemType.Regression => "regression",
        ProblemType.SingleLabelClassification => "single_label_classification",
        _ => "multi_label_classification",
    };
}
