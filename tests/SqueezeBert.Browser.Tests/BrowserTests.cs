using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using Microsoft.Playwright;
using SqueezeBert.Models;
using SqueezeBert.Release.Tests;
using SqueezeBert.Release.Tests.Platforms;

namespace SqueezeBert.Browser.Tests;

/// <summary>The sample page in Chromium: the model in the box in WebAssembly, which has one thread.</summary>
public sealed class BrowserTests(PublishedPrograms programs) : IClassFixture<PublishedPrograms>
{
    /// <summary>How much the scores may differ from those of a processor without fused multiply-add, as WebAssembly has none.</summary>
    private const float Tolerance = 1e-5f;

    /// <summary>
    /// How much they may differ from those of other processors. Without fused multiply-add a product is rounded twice. The model rounds
    /// activations to 8 bits, where a difference in the last digit may become a whole step.
    /// </summary>
    private const float StepTolerance = 0.01f;

    /// <summary>Milliseconds: everything here takes seconds, unless the machine has other work.</summary>
    private const int Patience = 180_000;

    [Fact]
    public async Task ThePageClassifiesAsHere()
    {
        var chromium = Emulator.Find("chromium", "chromium-browser", "google-chrome");
        Assert.SkipUnless(chromium is not null, "Chromium is not installed; on Debian, .ci/platforms installs it");
        using var server = new StaticFiles(Path.Combine(programs.PublishPage("samples/Browser/Browser.csproj"), "wwwroot"));

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = chromium, Args = ["--no-sandbox"], Timeout = Patience });
        var page = await browser.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(server.Address);
        await page.WaitForFunctionAsync("() => document.getElementById('status').textContent !== 'Loading the model…'");
        Assert.Equal("Ready.", await page.Locator("#status").TextContentAsync());

        using var classifier = TextClassifier.Load(PretrainedModels.Sentiment);
        string[] texts = ["It stopped working after a week.", "Loved it.", "Naïve, a bit dull – but the café was lovely 🙂", "", LongText];
        var alike = X86Base.IsSupported ? WithoutFusedMultiplyAdd(texts) : null;
        foreach (var (text, index) in texts.Select((text, index) => (text, index)))
        {
            var expected = classifier.Classify(text);
            await page.GetByRole(AriaRole.Textbox).FillAsync(text);
            await page.GetByRole(AriaRole.Button, new() { Name = "Classify" }).ClickAsync();
            Assert.Equal(expected.Label, await page.Locator("#label").TextContentAsync());
            var score = float.Parse((await page.Locator("#score").TextContentAsync())!, CultureInfo.InvariantCulture);
            Assert.InRange(score, expected.Score - StepTolerance, expected.Score + StepTolerance);
            if (alike is not null) Assert.InRange(score, alike[index] - Tolerance, alike[index] + Tolerance);
        }

        Assert.Empty(errors);
    }

    /// <summary>The scores that the tool tells on this machine with vectors of 128 bits and without fused multiply-add.</summary>
    private static float[] WithoutFusedMultiplyAdd(string[] texts)
    {
        var tool = Path.Combine(Repository.Root, "src", "SqueezeBert.Cli", "bin", Repository.Configuration, "net10.0", "squeezebert.dll");
        var lines = Command.Run(
            Path.GetTempPath(), "dotnet", [tool, "classify", "--json", .. texts], ("DOTNET_EnableAVX", "0"));
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(
            line => JsonDocument.Parse(line).RootElement.GetProperty("score").GetSingle())];
    }

    /// <summary>As long as the model reads, so that every kernel works in blocks.</summary>
    private static string LongText => string.Join(' ', Enumerable.Repeat("It was a long film, and I did not want it to end.", 40));
}
