using System.Globalization;
using Microsoft.Playwright;
using SqueezeBert.Models;
using SqueezeBert.Release.Tests.Platforms;

namespace SqueezeBert.Browser.Tests;

/// <summary>The sample page in Chromium: the model in the box in WebAssembly, which has one thread.</summary>
public sealed class BrowserTests(PublishedPrograms programs) : IClassFixture<PublishedPrograms>
{
    /// <summary>
    /// WebAssembly's vectors have no fused multiply-add, so they round twice and the last digits of a score differ from those of other
    /// systems.
    /// </summary>
    private const float Tolerance = 1e-5f;

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
        foreach (var text in texts)
        {
            var expected = classifier.Classify(text);
            await page.GetByRole(AriaRole.Textbox).FillAsync(text);
            await page.GetByRole(AriaRole.Button, new() { Name = "Classify" }).ClickAsync();
            Assert.Equal(expected.Label, await page.Locator("#label").TextContentAsync());
            var score = float.Parse((await page.Locator("#score").TextContentAsync())!, CultureInfo.InvariantCulture);
            Assert.InRange(score, expected.Score - Tolerance, expected.Score + Tolerance);
        }

        Assert.Empty(errors);
    }

    /// <summary>As long as the model reads, so that every kernel works in blocks.</summary>
    private static string LongText => string.Join(' ', Enumerable.Repeat("It was a long film, and I did not want it to end.", 40));
}
