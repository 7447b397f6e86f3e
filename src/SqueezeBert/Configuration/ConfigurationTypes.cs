using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>From a config.json's "model_type" to its configuration.</summary>
internal static class ConfigurationTypes
{
    public const string Supported =
        "squeezebert, bert (TinyBERT and every other size of BERT included), distilbert, mobilebert and squeezebert-separable";

    public static ModelConfiguration Create(ConfigurationFields fields)
    {
        var type = fields.Text("model_type") ?? FromArchitecture(fields)
            ?? throw fields.Error("model_type", $"is missing; add the architecture's, one of {Supported}");
        return type switch
        {
            "squeezebert" => new SqueezeBertConfiguration(fields),
            "bert" => new BertConfiguration(fields),
            "distilbert" => new DistilBertConfiguration(fields),
            "mobilebert" => new MobileBertConfiguration(fields),
            "squeezebert-separable" => new SeparableConfiguration(fields),
            _ => throw fields.Error("model_type", $"architecture '{type}' is not supported; supported are {Supported}"),
        };
    }

    /// <summary>Files of 2019 have no model type; their class names say it.</summary>
    private static string? FromArchitecture(ConfigurationFields fields)
    {
        var architectures = fields.Texts("architectures");
        if (architectures.Count == 0) return null;
        return architectures[0] switch
        {
            var name when name.StartsWith("SqueezeBertSeparable", StringComparison.Ordinal) => "squeezebert-separable",
            var name when name.StartsWith("SqueezeBert", StringComparison.Ordinal) => "squeezebert",
            var name when name.StartsWith("Bert", StringComparison.Ordinal) || name.StartsWith("TinyBert", StringComparison.Ordinal) =>
                "bert",
            var name when name.StartsWith("DistilBert", StringComparison.Ordinal) => "distilbert",
            var name when name.StartsWith("MobileBert", StringComparison.Ordinal) => "mobilebert",
            var name => name,
        };
    }
}
