using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Tests.Graphs;

/// <summary>The lists of architectures, configurations and heads fit together.</summary>
public class ArchitectureTests
{
    public static TheoryData<string> ModelTypes => [.. SupportedArchitectures.All.Select(architecture => architecture.Layout.ModelType)];

    [Fact]
    public void EveryConfigurationHasAnArchitectureAndEveryTypeOfOneIsListed()
    {
        Assert.Equal(ConfigurationTypes.All.OrderBy(layout => layout.ModelType, StringComparer.Ordinal),
            SupportedArchitectures.All.Select(each => each.Layout).OrderBy(layout => layout.ModelType, StringComparer.Ordinal));
        Assert.Equal(Types(typeof(ModelConfiguration)),
            Names(ConfigurationTypes.All.Select(layout => layout.Create(ConfigurationFields.None))));
        Assert.Equal(Types(typeof(Architecture)), Names(SupportedArchitectures.All));
        Assert.Equal(Types(typeof(HeadDescriptor)), Names(ModelHeads.All));
        Assert.Equal(Enum.GetValues<ModelHead>().ToHashSet(), ModelHeads.All.Select(head => head.Head).ToHashSet());
        Assert.Equal(Enum.GetValues<ModelHead>().ToHashSet(),
            SupportedArchitectures.All.SelectMany(architecture => architecture.Heads).ToHashSet());

        static IEnumerable<string> Types(Type type) =>
            type.Assembly.GetTypes().Where(each => each.IsSubclassOf(type) && !each.IsAbstract).Select(each => each.Name)
                .Order(StringComparer.Ordinal);
        static IEnumerable<string> Names(IEnumerable<object> items) =>
            items.Select(item => item.GetType().Name).Order(StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ModelTypes))]
    public void AClassNameLeadsBackToArchitectureAndHead(string modelType)
    {
        var architecture = SupportedArchitectures.All.Single(each => each.Layout.ModelType == modelType);
        var defaults = architecture.Layout.Create(ConfigurationFields.None);
        Assert.Same(architecture, SupportedArchitectures.Of(defaults));
        foreach (var head in architecture.Heads)
        {
            var name = ModelHeads.ClassName(defaults, head);
            Assert.Equal(head, ModelHeads.Of(defaults with { Architectures = [name] }));
            var read = ModelConfiguration.Parse(
                System.Text.Encoding.UTF8.GetBytes($$"""{"architectures":["{{name}}"],"hidden_size":{{defaults.HiddenSize}}}"""), "test");
            Assert.Equal(modelType, read.ModelType);
        }
    }

    /// <summary>What a head gives and what its descriptor says it gives; parameters of the encoder alone have the prefix.</summary>
    [Theory]
    [MemberData(nameof(ModelTypes))]
    public void AHeadHasTheOutputsThatItsDescriptorSays(string modelType)
    {
        var architecture = SupportedArchitectures.All.Single(each => each.Layout.ModelType == modelType);
        var c = architecture.Layout.Create(ConfigurationFields.None) with { LayerCount = 1 };
        foreach (var head in Enum.GetValues<ModelHead>())
        {
            if (!architecture.Heads.Contains(head))
            {
                var others = architecture.Heads.Count > 1 ? "has heads for sequence classification, " : "only makes vectors of texts";
                Assert.Contains($"no head for {ModelHeads.NameOf(head)}; it {others}",
                    Assert.Throws<UnsupportedModelException>(() => ModelGraph.Create(c, head)).Message, StringComparison.Ordinal);
                Assert.Throws<UnsupportedModelException>(() => ModelHeads.ClassName(c, head));
                continue;
            }

            var graph = ModelGraph.Create(c, head);
            var descriptor = ModelHeads.Find(head);
            Assert.All(descriptor.Answers.Concat(descriptor.ScalarOutputs).Concat(descriptor.AdditionalOutputs),
                name => Assert.Contains(name, graph.Outputs.Keys));
            Assert.All(descriptor.ScalarOutputs, name => Assert.Equal(1, graph.Output(name).Node.Width));
            Assert.Equal(descriptor.Input == HeadInput.FirstToken && architecture.HasPooler,
                graph.Outputs.ContainsKey(OutputNames.PoolerOutput));
        }
    }
}
