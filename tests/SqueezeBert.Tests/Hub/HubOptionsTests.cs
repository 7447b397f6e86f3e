using SqueezeBert.Hub;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Hub;

/// <summary>Names of models, and the environment variables of the hub's own tools.</summary>
public sealed class HubOptionsTests
{
    [Theory]
    [InlineData("owner/name", "owner/name", "main", "owner/name")]
    [InlineData("hf:owner/name", "owner/name", "main", "owner/name")]
    [InlineData("bert-base-uncased", "bert-base-uncased", "main", "bert-base-uncased")]
    [InlineData("owner/name.v1_2@v1.0", "owner/name.v1_2", "v1.0", "owner/name.v1_2@v1.0")]
    [InlineData("owner/name@refs/pr/1", "owner/name", "refs/pr/1", "owner/name@refs/pr/1")]
    [InlineData("owner/name@main", "owner/name", "main", "owner/name")]
    public void NamesAreParsed(string text, string id, string revision, string shown)
    {
        var model = ModelReference.Parse(text);

        Assert.Equal((id, revision, shown, false), (model.Id, model.Revision, model.ToString(), model.IsPinned));
        Assert.True(ModelReference.Parse(id + "@" + new string('a', 40)).IsPinned);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/name")]
    [InlineData("owner/")]
    [InlineData("a/b/c")]
    [InlineData("../name")]
    [InlineData("owner/..")]
    [InlineData("owner/na..me")]
    [InlineData("owner/na--me")]
    [InlineData("-owner/name")]
    [InlineData(".owner/name")]
    [InlineData("owner/name.")]
    [InlineData("owner/na me")]
    [InlineData("owner\\name")]
    [InlineData("owner/näme")]
    [InlineData("owner/name@")]
    [InlineData("owner/name@../../x")]
    [InlineData("owner/name@/x")]
    [InlineData("owner/name@a//b")]
    [InlineData("owner/name@.")]
    [InlineData("owner/name@a?b")]
    [InlineData("https://huggingface.co/owner/name")]
    public void OtherNamesAreRefused(string text)
    {
        Assert.False(ModelReference.TryParse(text, out _));
        Assert.Contains("has the form owner/name", Assert.Throws<FormatException>(() => ModelReference.Parse(text)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheCacheIsWhereTheHubsToolsHaveIt()
    {
        Assert.Equal(Path.Combine("/c", "x"), From(("HF_HUB_CACHE", Path.Combine("/c", "x")), ("HF_HOME", "/h")).CacheFolder);
        Assert.Equal("/old", From(("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HOME", "/h")).CacheFolder);
        Assert.Equal(Path.Combine("/h", "hub"), From(("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x")).CacheFolder);
        Assert.Equal(Path.Combine("/x", "huggingface", "hub"), From(("XDG_CACHE_HOME", "/x")).CacheFolder);
        var user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        Assert.Equal(Path.Combine(user, ".cache", "huggingface", "hub"), From().CacheFolder);
        Assert.Equal(Path.Combine(user, "models", "hub"), From(("HF_HOME", "~/models")).CacheFolder);
    }

    [Fact]
    public void TheTokenIsTheVariablesOrTheFiles()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("token"), " hf_file\n");
        Assert.Equal("hf_variable", From(("HF_TOKEN", " hf_variable\n"), ("HF_HOME", folder.Path)).Token);
        Assert.DoesNotContain("hf_variable", From(("HF_TOKEN", "hf_variable")).ToString(), StringComparison.Ordinal);
        Assert.Equal("hf_file", From(("HF_HOME", folder.Path)).Token);
        Assert.Equal("hf_file", From(("HF_TOKEN_PATH", folder.File("token"))).Token);
        Assert.Null(From(("HF_HOME", folder.Path), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        Assert.Null(From(("HF_HOME", folder.File("missing"))).Token);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("ON", true)]
    [InlineData("yes", true)]
    [InlineData("True", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    [InlineData("no", false)]
    public void SwitchesAreRead(string value, bool expected)
    {
        Assert.Equal(expected, From(("HF_HUB_OFFLINE", value)).IsOffline);
        Assert.Equal(expected, From(("TRANSFORMERS_OFFLINE", value)).IsOffline);
        Assert.Equal(!expected, From(("HF_HUB_DISABLE_SYMLINKS", value)).UseLinks);
    }

    [Fact]
    public void EndpointAndTimeOutsAreRead()
    {
        Assert.Equal(new Uri("https://huggingface.co"), From().Endpoint);
        Assert.Equal(new Uri("https://mirror.example/hub"), From(("HF_ENDPOINT", "https://mirror.example/hub/")).Endpoint);
        Assert.Contains("HF_ENDPOINT is 'mirror'", Assert.Throws<HubException>(() => From(("HF_ENDPOINT", "mirror"))).Message,
            StringComparison.Ordinal);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2.5)),
            (From().AnswerTimeout, From(("HF_HUB_DOWNLOAD_TIMEOUT", "2.5")).DownloadTimeout));
        Assert.Contains("HF_HUB_ETAG_TIMEOUT is 'soon'", Assert.Throws<HubException>(() => From(("HF_HUB_ETAG_TIMEOUT", "soon"))).Message,
            StringComparison.Ordinal);
    }

    private static HubOptions From(params (string Name, string Value)[] variables) =>
        HubOptions.FromEnvironment(name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value)
            .FirstOrDefault());
}
