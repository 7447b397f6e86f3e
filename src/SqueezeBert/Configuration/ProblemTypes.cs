using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>Converts between problem types and their names in a config.json.</summary>
internal static class ProblemTypes
{
    public static string NameOf(ProblemType problem) => problem switch
    {
        ProblemType.Regression => "regression",
        ProblemType.SingleLabelClassification => "single_label_classification",
        _ => "multi_label_classification",
    };
}
