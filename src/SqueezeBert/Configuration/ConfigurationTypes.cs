using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>The list of configuration types, and the choice of the one for a config.json.</summary>
internal static class ConfigurationTypes
{
    public static IReadOnlyList<ConfigurationLayout> All { get; } =
    [
        SqueezeBertConfiguration.Fields,
        BertConfiguration.Fields,
        DistilBertConfiguration.Fields,
        MobileBertConfiguration.Fields,
        ElectraConfiguration.Fields,
        SeparableConfiguration.Fields,
        StaticConfiguration.Fields,
    ];

    /// <summary>The model types for a message: "squeezebert, bert (…) and distilbert".</summary>
    public static string Supported { get; } =
        $"{string.Join(", ", All.SkipLast(1).Select(Describe))} and {Describe(All[^1])}";

    /// <exception cref="InvalidModelFileException">There is no model type, or one that is not supported.</exception>
    public static ModelConfiguration Create(ConfigurationFields fields)
    {
        var type = fields.Text("model_type") ?? FromArchitecture(fields)
            ?? throw fields.Error("model_type", $"is missing; add the architecture's, one of {Supported}");
        var layout = All.FirstOrDefault(layout => layout.ModelType == type)
            ?? throw fields.Error("model_type", $"architecture '{type}' is not supported; supported are {Supported}");
        return layout.Create(fields);
    }

    /// <summary>
    /// Determines the model type from the class names, because files of 2019 have no model type. The longest match counts, since the name
    /// of one architecture may begin with that of another.
    /// </summary>
    private static string? FromArchitecture(ConfigurationFields fields)
    {
        var architectures = fields.Texts("architectures");
        if (architectures.Count == 0) return null;
        var layout = All.Where(layout => Begins(layout.ArchitectureName) || Begins(layout.OldArchitectureName))
            .MaxBy(layout => layout.ArchitectureName.Length);
        return layout?.ModelType ?? architectures[0];

        bool Begins(string? name) => name is not null && architectures[0].StartsWith(name, StringComparison.Ordinal);
    }

    private static string Describe(ConfigurationLayout layout) =>
        layout.Remark is null ? layout.ModelType : $"{layout.ModelType} ({layout.Remark})";
}
