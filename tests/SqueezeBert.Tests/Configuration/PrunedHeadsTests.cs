using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Tests.Configuration;

/// <summary>The field "pruned_heads", as transformers writes it.</summary>
public sealed class PrunedHeadsTests
{
    [Theory]
    [InlineData("bert", "num_attention_heads")]
    [InlineData("electra", "num_attention_heads")]
    [InlineData("distilbert", "n_heads")]
    public void ALayerHasTheHeadsThatAreLeft(string type, string heads)
    {
        var size = type == "distilbert" ? "dim" : "hidden_size";
        var layers = type == "distilbert" ? "n_layers" : "num_hidden_layers";
        var text =
            $$$"""{"model_type":"{{{type}}}","{{{heads}}}":4,"{{{size}}}":64,"{{{layers}}}":2,"pruned_heads":{"1":[0,3]}}""";
        var configuration = Parse(text);
        configuration.Validate();
        Assert.Equal([0, 3], configuration.PrunedHeads[1]);
        var graph = ModelGraph.Create(configuration, ModelHead.None, hasPooler: false);
        Assert.Equal([(4, 64), (2, 32)], graph.Nodes.OfType<AttentionNode>().Select(node => (node.Heads, node.Width)));
        Assert.Equal(JsonNode.Parse(text)!.ToJsonString(), configuration.ToJson().ToJsonString());
        Assert.False((configuration with { PrunedHeads = new Dictionary<int, IReadOnlyList<int>>() }).ToJson().ContainsKey("pruned_heads"));

        // A configuration that is made in code, and one that a file says nothing of.
        var made = new BertConfiguration { PrunedHeads = new Dictionary<int, IReadOnlyList<int>> { [3] = [7] } };
        var again = Parse(made.ToJson().ToJsonString());
        Assert.Equal([7], again.PrunedHeads[3]);
        Assert.False(new BertConfiguration().ToJson().ContainsKey("pruned_heads"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("""{"x":[0]}""")]
    [InlineData("""{"-1":[0]}""")]
    [InlineData("""{"0":[0],"00":[1]}""")]
    [InlineData("""{"0":0}""")]
    [InlineData("""{"0":["1"]}""")]
    [InlineData("""{"0":[0.5]}""")]
    [InlineData("""{"12":[0]}""")]
    [InlineData("""{"0":[12]}""")]
    [InlineData("""{"0":[1,1]}""")]
    [InlineData("""{"0":[0,1,2,3,4,5,6,7,8,9,10,11]}""")]
    public void OtherValuesAreRefused(string value)
    {
        var json = $$"""{"model_type":"bert","pruned_heads":{{value}}}""";
        var error = Assert.Throws<InvalidModelFileException>(() => Parse(json).Validate());
        Assert.Contains("pruned_heads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ArchitecturesWithoutTheFieldHaveNoneOfIt()
    {
        Assert.Empty(Parse("""{"model_type":"squeezebert","pruned_heads":{"0":[0]}}""").PrunedHeads);
        Assert.Throws<InvalidModelFileException>(() =>
            new SqueezeBertConfiguration { PrunedHeads = new Dictionary<int, IReadOnlyList<int>> { [0] = [0] } }.Validate());
    }

    private static ModelConfiguration Parse(string json) => ModelConfiguration.Parse(Encoding.UTF8.GetBytes(json), "config.json");
}
