namespace SqueezeBert.Evaluation.Glue;

/// <summary>Names of tasks and labels are the same whatever their case and their hyphens: "SST-2" and "sst2".</summary>
internal static class LooseName
{
    /// <summary>The letters and digits of a name, in upper case.</summary>
    public static string Of(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
