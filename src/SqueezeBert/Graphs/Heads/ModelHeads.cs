using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;

namespace SqueezeBert.Graphs.Heads;

/// <summary>The list of heads, and the choice of the one that "architectures" names in a configuration.</summary>
internal static class ModelHeads
{
    public static IReadOnlyList<HeadDescriptor> All { get; } =
    [
        new BareEncoder(),
        new SequenceClassificationHead(),
        new TokenClassificationHead(),
        new QuestionAnsweringHead(),
        new MultipleChoiceHead(),
        new MaskedLanguageModelHead(),
        new SentenceOrderHead(),
        new PretrainingHead(),
        new ReplacedTokenHead(),
    ];

    public static HeadDescriptor Find(ModelHead head) => All.First(known => known.Head == head);

    /// <summary>A head of an architecture.</summary>
    /// <exception cref="UnsupportedModelException">The architecture has no such head. The message lists the heads that it has.</exception>
    public static HeadDescriptor Find(ModelHead head, Architecture architecture)
    {
        var found = Find(head);
        if (architecture.Heads.Contains(head)) return found;
        var heads = architecture.Heads.Where(own => own != ModelHead.None).Select(NameOf).ToList();
        throw new UnsupportedModelException(
            $"{architecture.Layout.ArchitectureName} has {(architecture.HasPooler ? "" : "no pooler and ")}no head for {found.Name}; " +
                (heads.Count == 0 ? "it only makes vectors of texts" : $"it has heads for {string.Join(", ", heads)}"));
    }

    /// <summary>
    /// Returns the head that the first class name of the configuration stands for. Without a class name there is no head.
    /// </summary>
    /// <exception cref="UnsupportedModelException">
    /// The class has a head that is not supported. The message names it and lists the supported ones.
    /// </exception>
    public static ModelHead Of(ModelConfiguration configuration)
    {
        if (configuration.Architectures.Count == 0) return ModelHead.None;
        var name = configuration.Architectures[0];

        // Two heads of different architectures may have one suffix. A decoder's class, "BertLMHeadModel", ends as an encoder's does.
        var own = SupportedArchitectures.Of(configuration).Heads.Select(Find).ToList();
        var found = own.Concat(All).FirstOrDefault(head =>
            name.EndsWith(head.ClassSuffix, StringComparison.Ordinal) && !name.EndsWith("HeadModel", StringComparison.Ordinal));
        return found?.Head ?? throw new UnsupportedModelException(
            $"architecture '{name}' has a head that is not supported; supported are " +
                $"{string.Join(", ", own.Select(known => known.ClassSuffix))}");
    }

    /// <summary>Returns the class name of transformers for an architecture with a head: "SqueezeBertForMaskedLM".</summary>
    /// <exception cref="UnsupportedModelException">The architecture has no such head. The message lists the heads that it has.</exception>
    public static string ClassName(ModelConfiguration configuration, ModelHead head) =>
        configuration.Layout.ArchitectureName + Find(head, SupportedArchitectures.Of(configuration)).ClassSuffix;

    /// <summary>"token classification".</summary>
    public static string NameOf(ModelHead head) => Find(head).Name;
}
