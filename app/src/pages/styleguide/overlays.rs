use leptos::prelude::*;

use super::forms::Example;
use super::guide_section::GuideSection;
use crate::ui::*;

#[component]
pub(super) fn Overlays() -> impl IntoView {
    view! {
        <GuideSection title="Dialog, toast and sign-in">
            <Dialog id="guide-dialog" title="Roll back Golden Spoon?" inline=true>
                <p>"A rollback does this, in order:"</p>
                <ol class="rollback-effects">
                    <li>"Drops the database " <code>"ten-00000042"</code></li>
                    <li>"Removes the tenant Golden Spoon " <code>"TEN-00000042"</code></li>
                    <li>"Makes the owner's e-mail and the slug available again: " <code>"golden-spoon-2"</code></li>
                </ol>
                <DialogActions>
                    <Button>"Keep tenant"</Button>
                    <Button kind=ButtonKind::Danger>"Roll back Golden Spoon"</Button>
                </DialogActions>
            </Dialog>
            <div class="toasts" role="status">
                <div class="toast">
                    <Icon name=IconName::Check />
                    <div>"Blue Harbor was provisioned in another tab."</div>
                    <Button kind=ButtonKind::Ghost small=true>
                        "Show"
                    </Button>
                </div>
            </div>
            <div class="auth">
                <Wordmark />
                <div class="auth-card">
                    <h3>"Sign in"</h3>
                    <form>
                        <Example
                            id="guide-login"
                            label="E-mail"
                            value="ada@example.com"
                            status=FieldStatus::Empty
                        />
                        <Button kind=ButtonKind::Primary submit=true>
                            "Sign in"
                        </Button>
                    </form>
                </div>
                <p class="auth-foot">"Development"</p>
            </div>
        </GuideSection>
    }
}
