using Microsoft.Playwright;

namespace SqueezeBert.Browser.Tests;

/// <summary>The server's page of routes in Chromium.</summary>
public sealed class RoutesPageTests
{
    [Fact]
    public async Task TheKeyboardAloneFindsARoute()
    {
        await using var opened = await OpenedPage.StartAsync();
        var page = opened.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "The routes" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("The routes");
        var routes = page.GetByRole(AriaRole.Navigation, new() { Name = "Routes" });
        await routes.GetByRole(AriaRole.Link, new() { Name = "POST /predict", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var section = page.GetByRole(AriaRole.Region, new() { Name = "POST /predict", Exact = true });
        await Assertions.Expect(section).ToBeInViewportAsync();
        await Assertions.Expect(section.GetByRole(AriaRole.Table, new() { Name = "Fields of the body" })).ToContainTextAsync("raw_scores");

        // The next stop is the example, which scrolls and is therefore one.
        await page.Keyboard.PressAsync("Tab");
        var example = section.GetByRole(AriaRole.Region, new() { Name = "Example of POST /predict" });
        await Assertions.Expect(example).ToBeFocusedAsync();
        await Assertions.Expect(example).ToContainTextAsync("It stopped working after a week.");
        Assert.Empty(opened.Errors);
        Assert.All(opened.Asked, address => Assert.StartsWith(opened.Address, address, StringComparison.Ordinal));
    }

    /// <summary>The policy of the page lets its style in.</summary>
    [Fact]
    public async Task ThePageHasItsStyle()
    {
        await using var opened = await OpenedPage.StartAsync(path: "/docs");
        var width = await opened.Page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('section')).borderTopWidth");
        Assert.Equal("1px", width);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task AxeFindsNothing(ColorScheme colors, int width)
    {
        await using var opened = await OpenedPage.StartAsync(path: "/docs");
        await opened.Page.EmulateMediaAsync(new() { ColorScheme = colors });
        await opened.Page.SetViewportSizeAsync(width, 800);
        await opened.IsAccessibleAsync($"routes-{colors}-{width}");
    }
}
