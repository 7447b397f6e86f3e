namespace SqueezeBert.Training.Recipes;

/// <summary>How a recipe calls the tasks.</summary>
internal static class TaskNames
{
    public const string MaskedLanguage = "masked-language";
    public const string SingleLabel = "single-label";
    public const string MultiLabel = "multi-label";
    public const string Regression = "regression";
}
