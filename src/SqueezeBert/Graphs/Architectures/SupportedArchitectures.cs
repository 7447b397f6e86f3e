using SqueezeBert.Checkpoints;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>The list of architectures. <see cref="Configuration.ConfigurationTypes"/> lists their configurations.</summary>
internal static class SupportedArchitectures
{
    public static IReadOnlyList<Architecture> All { get; } =
    [
        new SqueezeBertArchitecture(),
        new SeparableArchitecture(),
        new BertArchitecture(),
        new DistilBertArchitecture(),
        new MobileBertArchitecture(),
        new ElectraArchitecture(),
        new StaticArchitecture(),
    ];

    public static Architecture Of(ModelConfiguration configuration) =>
        All.FirstOrDefault(architecture => ReferenceEquals(architecture.Layout, configuration.Layout))
            ?? throw new UnsupportedModelException($"no graph for the model type '{configuration.ModelType}'");
}
